"""A configuration is held against a server that runs."""

from dataclasses import replace

import pytest

from custom_components.infoscreen.model.nut.compare import Used, compare
from custom_components.infoscreen.model.nut.findings import File

UPS = "[Rack]\ndriver = usbhid-ups\nport = auto\n"
LOGIN = ("monitor", "a secret")
USERS = f'[{LOGIN[0]}]\npassword = "{LOGIN[1]}"\ninstcmds = Beeper.Mute\ninstcmds = load.off\n'
USED = Used(
    port=3493,
    is_local=True,
    username=LOGIN[0],
    password=LOGIN[1],
    followed=("rack",),
    served=("rack",),
    commands=("beeper.mute", "load.off"),
)


def codes(file: File, text: str, used: Used = USED) -> list[tuple[int, str]]:
    """Return what is found in one file, by line and code."""
    return [(finding.line, finding.code) for finding in compare({file: text}, used)]


def test_what_agrees_is_not_told() -> None:
    """Case makes no difference but for users."""
    files = {File.UPS: UPS, File.UPSD: "LISTEN 0.0.0.0\n", File.USERS: USERS, File.NUT: "MODE=none\n"}
    assert compare(files, USED) == []
    assert compare({}, USED) == []
    assert codes(File.UPSD, "", USED) == []
    assert codes(File.USERS, "", replace(USED, username=None)) == []
    assert codes(File.USERS, '[monitor]\npassword = "a secret"\ninstcmds = ALL\n') == []


@pytest.mark.parametrize(
    ("file", "text", "found"),
    [
        (File.UPS, UPS + "[office]\n", [(4, "ups_not_served")]),
        (File.UPS, "", [(1, "followed_ups_missing")]),
        (File.UPSD, "LISTEN 127.0.0.1 3494\n", [(1, "port_not_listened")]),
        (File.USERS, "[Monitor]\npassword = x\n", [(1, "our_user_in_other_case")]),
        (File.USERS, "[else]\npassword = x\n", [(1, "our_user_missing")]),
        (
            File.USERS,
            "[monitor]\npassword = a secret\ninstcmds = beeper.mute\n",
            [(2, "our_password_differs"), (1, "commands_not_granted")],
        ),
        (File.USERS, "[monitor]\ninstcmds beeper.mute\n", [(1, "commands_not_granted")]),
    ],
)
def test_what_differs_is_told(file: File, text: str, found: list[tuple[int, str]]) -> None:
    """Where it stands."""
    assert codes(file, text) == found


@pytest.mark.parametrize("text", ["", "LISTEN 127.0.0.1\nLISTEN ::1 3493\n"])
def test_a_server_that_is_elsewhere_must_listen_there(text: str) -> None:
    """Without LISTEN only its own machine reaches it."""
    elsewhere = replace(USED, is_local=False)
    assert [code for _, code in codes(File.UPSD, text, elsewhere)] == ["listens_only_here"]


def test_passwords_are_not_repeated() -> None:
    """Neither theirs nor ours."""
    assert "secret" not in repr(USED)
    findings = compare({File.USERS: "[monitor]\npassword = other\n"}, USED)
    assert "secret" not in repr(findings)
    assert "other" not in repr(findings)
