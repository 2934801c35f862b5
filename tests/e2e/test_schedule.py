"""The schedule through a power cut, and by hand on Home Assistant's own calendar page."""

from datetime import UTC, datetime, timedelta
from typing import Any

from rig.broker import Mosquitto
from rig.fleet import add_group, find_group
from rig.hass import Hass
from rig.tap import Tap
from rig.waiting import until


def website(title: str, start: datetime, **fields: Any) -> dict[str, Any]:
    """Return an event that is on for an hour."""
    return {
        "title": title,
        "event_type": "website",
        "url": "https://school.example/timetable",
        "start": start.isoformat(),
        "end": (start + timedelta(hours=1)).isoformat(),
        **fields,
    }


async def kept(home: Hass, title: str) -> bool:
    """Tell whether Home Assistant has written an entry or subentry to its disk."""
    return f'"{title}"' in (home.config / ".storage" / "core.config_entries").read_text()


async def test_an_event_that_was_added_survives_a_power_cut(
    home: Hass, fleet: str, broker: Mosquitto
) -> None:
    """Home Assistant is killed as soon as the action has returned; the broker forgets all."""
    await add_group(home.api, fleet, "Foyer", group_id=12)
    foyer = await find_group(home.api, fleet, "Foyer")
    await until(lambda: kept(home, "Foyer"), "the group in Home Assistant's own file")  # a second later
    now = datetime.now(UTC).replace(microsecond=0)
    series = website("Timetable", now - timedelta(minutes=5), rrule="FREQ=DAILY")
    added = await home.api.ask("infoscreen.add_event", series, device_id=foyer)
    await home.kill()
    await broker.stop()
    await broker.start()
    async with Tap(broker, "infoscreen/events/+") as tap:
        await home.start()
        told = await tap.wait("infoscreen/events/12", within=40)
    assert [(event["id"], event["title"]) for event in told.json] == [(added["12"]["event_id"], "Timetable")]
    window = {"start": now.isoformat(), "end": (now + timedelta(days=2)).isoformat()}
    foyer = await find_group(home.api, fleet, "Foyer")  # whose device may be registered anew
    planned = await home.api.ask("infoscreen.get_events", window, device_id=foyer)
    assert [event["event_id"] for event in planned["12"]] == [added["12"]["event_id"]] * 3
