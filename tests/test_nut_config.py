"""An action looks through the configuration of NUT, given as text or in a folder."""

from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockUser

UPS = "[rack]\n  driver = usbhid-ups\n  port = auto\n"
USERS = "[admin]\n  password = geheim more\n"


@pytest.fixture(autouse=True)
async def loaded(hass: HomeAssistant, enable_custom_integrations: None) -> None:
    """Load the integration without any fleet; the action is there all the same."""
    assert await async_setup_component(hass, "infoscreen", {})


@pytest.fixture
def folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return a folder that Home Assistant may read, with a configuration in it."""
    hass.config.allowlist_external_dirs = {f"{tmp_path}"}
    for name, text in {"ups.conf": UPS, "upsd.conf": "", "upsd.users": ""}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o640)
    return tmp_path


async def validate(hass: HomeAssistant, user_id: str | None = None, **data: str) -> list[dict[str, Any]]:
    """Return what is found."""
    told = await hass.services.async_call(
        "infoscreen",
        "validate_nut_config",
        data,
        blocking=True,
        return_response=True,
        context=Context(user_id=user_id),
    )
    assert told is not None
    assert told["compared"] is False
    return cast("list[dict[str, Any]]", told["findings"])


async def refused(hass: HomeAssistant, **data: str) -> str | None:
    """Return why the action refuses."""
    with pytest.raises(ServiceValidationError) as error:
        await validate(hass, **data)
    assert str(error.value) != error.value.translation_key
    return error.value.translation_key


async def test_a_finding_says_where_what_and_how_to_mend_it(hass: HomeAssistant) -> None:
    """Product, "Actions"; passwords are never repeated."""
    found = await validate(hass, ups_conf=UPS, upsd_users=USERS)
    assert found == [
        {
            "file": "upsd.users",
            "line": 2,
            "code": "password_cut",
            "severity": "error",
            "text": "The password of admin ends at the first blank, = or #; the rest is ignored.",
            "fix": "Put it into quotes, and write # as \\#.",
        }
    ]


async def test_findings_are_told_in_home_assistants_language(hass: HomeAssistant) -> None:
    """Product, "For people"."""
    hass.config.language = "de"
    (found,) = await validate(hass, upsd_users=USERS)
    assert found["text"].startswith("Das Passwort von admin endet")


async def test_a_field_left_out_is_not_given_and_an_empty_one_is_an_empty_file(hass: HomeAssistant) -> None:
    """Only one of them can be wrong."""
    assert await validate(hass, upsd_conf="") == []
    assert [finding["code"] for finding in await validate(hass, ups_conf="")] == ["no_ups"]
    assert await refused(hass) == "nut_text_or_path"


async def test_a_folder_is_looked_at_as_a_whole(hass: HomeAssistant, folder: Path) -> None:
    """What is missing there is missing, and passwords are for nobody else to read."""
    assert await validate(hass, path=f"{folder}") == []
    (folder / "upsd.conf").unlink()
    (folder / "nut.conf").write_bytes(b"MODE=none # f\xfcr jetzt\n")
    (folder / "upsd.users").chmod(0o644)
    assert [(finding["file"], finding["code"]) for finding in await validate(hass, path=f"{folder}")] == [
        ("upsd.conf", "file_missing"),
        ("upsd.users", "readable_by_everyone"),
        ("nut.conf", "mode_none"),
    ]


async def test_a_single_file_is_looked_at_alone(hass: HomeAssistant, folder: Path) -> None:
    """By its name it is known which."""
    (folder / "ups.conf").write_text("", encoding="utf-8")
    assert [finding["code"] for finding in await validate(hass, path=f"{folder / 'ups.conf'}")] == ["no_ups"]


async def test_only_folders_that_are_allowed_are_read(
    hass: HomeAssistant, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Neither by name nor through a link."""
    outside = tmp_path_factory.mktemp("outside") / "nut.conf"
    outside.write_text("MODE=none\n", encoding="utf-8")
    assert await refused(hass, path=f"{outside}") == "nut_path_not_allowed"
    assert await refused(hass, path=f"{folder}/../{outside.parent.name}") == "nut_path_not_allowed"
    assert await refused(hass, path=f"{folder / 'a'}\0/b") == "nut_path_not_allowed"
    (folder / "nut.conf").symlink_to(outside)
    assert await refused(hass, path=f"{folder}") == "nut_path_not_allowed"


async def test_what_is_no_configuration_is_refused(hass: HomeAssistant, folder: Path) -> None:
    """Other files, folders without one, files without an end, and text beside a path."""
    (folder / "other").mkdir()
    (folder / "other" / "secrets.yaml").write_text("a: b", encoding="utf-8")
    assert await refused(hass, path=f"{folder / 'other'}") == "nut_no_file"
    assert await refused(hass, path=f"{folder / 'other' / 'secrets.yaml'}") == "nut_no_file"
    assert await refused(hass, path=f"{folder}", ups_conf=UPS) == "nut_text_or_path"
    (folder / "ups.conf").write_text("#" * 300_000, encoding="utf-8")
    assert await refused(hass, path=f"{folder}") == "nut_file_too_long"
    assert await refused(hass, upsd_conf="#" * 300_000) == "nut_file_too_long"


async def test_a_file_that_cannot_be_read_is_named(hass: HomeAssistant, folder: Path) -> None:
    """The configuration of NUT is not for everybody to read."""
    with patch("pathlib.Path.open", side_effect=PermissionError(13, "Permission denied")):
        assert await refused(hass, path=f"{folder}") == "nut_file_unreadable"


async def test_only_administrators_may_ask(hass: HomeAssistant, hass_read_only_user: MockUser) -> None:
    """Files of the machine are nobody else's business."""
    with pytest.raises(Unauthorized):
        await validate(hass, hass_read_only_user.id, ups_conf=UPS)
