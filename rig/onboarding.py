"""The first steps in a new Home Assistant, by REST as its own pages take them."""

from pathlib import Path

from .api import Api
from .client import RequestError
from .storage import write_store


def skip_extras(config: Path) -> None:
    """Note the step core_config as taken, in a configuration folder that is new.

    It would add met, radio_browser, google_translate and shopping_list, which want the internet.
    """
    if not (config / ".storage" / "onboarding").exists():
        write_store(config, "onboarding", {"done": ["core_config"]}, version=4)


async def is_new(api: Api) -> bool:
    """Tell whether a Home Assistant still wants to be onboarded."""
    try:
        steps = await api.request("GET", "/api/onboarding")
    except RequestError as error:
        if error.status == 404:  # without steps left there is no such page
            return False
        raise
    return not all(step["done"] for step in steps)


async def onboard(api: Api, owner: tuple[str, str]) -> None:
    """Make the owner and take the other steps; the API is logged in afterwards."""
    username, password = owner
    made = await api.request(
        "POST",
        "/api/onboarding/users",
        {
            "client_id": api.client_id,
            "name": username.capitalize(),
            "username": username,
            "password": password,
            "language": "en",
        },
    )
    await api.redeem(made["auth_code"])
    await api.command(
        "config/core/update",
        location_name="School",
        latitude=48.2,
        longitude=16.37,
        elevation=171,
        unit_system="metric",
        time_zone="Europe/Vienna",
        country="AT",
        currency="EUR",
        language="en",
    )
    await api.request("POST", "/api/onboarding/analytics")
    redirect = {"client_id": api.client_id, "redirect_uri": f"{api.url}/?auth_callback=1"}
    await api.request("POST", "/api/onboarding/integration", redirect)
