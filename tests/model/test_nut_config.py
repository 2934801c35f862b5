"""Test what is found in configurations of NUT."""

from hypothesis import given, strategies as st
import pytest

from custom_components.infoscreen.model.nut.findings import File, Finding
from custom_components.infoscreen.model.nut.validate import validate

UPS = "[u1]\n  driver = usbhid-ups\n  port = auto\n"
NET = "  driver = snmp-ups\n  port = ups.example\n"
USER = "[admin]\n  password = geheim\n"
GOOD = {
    File.UPS: r"""
maxretry = 3
pollinterval = 2

[u1]
    driver = "usbhid-ups"
    port = auto
    desc = "Rack \#1"
    sdorder = -1
    ignorelb
    override.battery.charge.low = 30
    synchronous = auto
[u2]
    driver=snmp-ups
    port=10.0.0.3
    community = public # as bought
""",
    File.UPSD: """
LISTEN 127.0.0.1 3493
LISTEN ::1
LISTEN nut.example 3493
MAXAGE 15
MAXCONN 1024
STATEPATH /run/nut
CERTIDENT "nut" "x y"
CERTREQUEST 0
ALLOW_NO_DEVICE false
debug_min 1
""",
    File.USERS: r"""
[admin]
    password = "ge heim\#"
    actions = SET fsd
    ACTIONS = FSD
    instcmds = ALL
    instcmds = test.battery.start
[monitor]
    password = x
    upsmon secondary
""",
    File.NUT: "# mode\nexport MODE=none\nMODE='netserver' # at last\n",
}


def told(findings: list[Finding]) -> list[tuple[int, str, str]]:
    """Return what is found as line, code and severity."""
    return [(finding.line, finding.code, finding.severity.value) for finding in findings]


def test_nothing_is_found_in_a_good_configuration() -> None:
    """A finding too many is one that nobody reads."""
    assert validate(GOOD, whole=True) == []


def test_what_is_not_given_is_not_looked_at() -> None:
    """Left out is not given, empty is an empty file, and in a folder what is not there is missing."""
    assert validate({}) == []
    assert told(validate({File.UPS: "", File.NUT: ""})) == [
        (1, "no_ups", "error"),
        (1, "mode_missing", "error"),
    ]
    assert validate({File.UPSD: "", File.USERS: ""}) == []
    missing = validate({File.UPSD: ""}, whole=True)
    assert [(finding.file, finding.code) for finding in missing] == [
        (File.UPS, "file_missing"),
        (File.USERS, "file_missing"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[u1]\n  port = auto\n", [(1, "driver_missing", "error")]),
        ("\n[u1]\n  driver = usbhid-ups\n", [(2, "port_missing", "error")]),
        ('[u1]\n  driver = ""\n  port = auto\n', [(1, "driver_missing", "error")]),
        ("pollinterval = 5\n", [(1, "no_ups", "error")]),
        (UPS + "[u2\n", [(4, "header_not_closed", "error")]),
        (UPS + "[u2]x\n", [(4, "header_not_closed", "error")]),
        (UPS + "[u 2]\n", [(4, "header_with_blank", "error")]),
        (UPS + "[u2] x\n" + NET, [(4, "header_with_more", "warning")]),
        ("[]\n" + NET, [(1, "header_empty", "error")]),
        ("[büro]\n" + NET, [(1, "header_not_ascii", "error")]),
        (
            '["u 1"]\n' + NET,
            [
                (1, "header_with_blank", "error"),
                (1, "no_ups", "error"),
                (2, "key_before_section", "error"),
                (3, "key_before_section", "error"),
            ],
        ),
        ('"[u 1]"\n' + NET, [(1, "ups_name_unfit", "error")]),
        ("[u@1]\n" + NET, [(1, "ups_name_unfit", "error")]),
        ("[default]\n" + NET, [(1, "ups_name_reserved", "info")]),
        ("[u1]\n" + NET + "[U1]\n" + NET, [(4, "ups_names_differ_in_case", "error")]),
        (UPS + "[u1]\n  desc = x\n", [(4, "ups_twice", "warning")]),
        (UPS + "  port = auto\n", [(4, "key_twice", "warning")]),
        (
            "[u1]\n  DRIVER = x\n  port = auto\n",
            [(1, "driver_missing", "error"), (2, "key_not_lower_case", "error")],
        ),
        (UPS + "  Desc = x\n", [(4, "key_not_lower_case", "warning")]),
        (UPS + "  authPassword = x\n", []),
        ("driver = x\n" + UPS, [(1, "key_before_section", "error")]),
        ("maxretry = x\n" + UPS, [(1, "number_invalid", "warning")]),
        (
            "[u1]\n  driver: x\n  port = auto\n",
            [(1, "driver_missing", "error"), (2, "equals_missing", "warning")],
        ),
        (UPS + "  desc =\n", [(4, "value_missing", "warning")]),
        (UPS + "  desc\n", [(4, "value_missing", "warning")]),
        (UPS + "  desc = My UPS\n", [(4, "value_cut", "warning")]),
        (UPS + "  desc = a#b\n", [(4, "value_cut", "warning")]),
        (UPS + '  desc = "Rack #1"\n', [(4, "hash_in_quotes", "warning")]),
        (UPS + '  desc = "Büro Süd"\n', [(4, "description_not_ascii", "warning")]),
        (UPS + "  serial = ü1\n", [(4, "value_not_ascii", "warning")]),
        (UPS + '  desc = "x\n', [(4, "quote_not_closed", "error")]),
        (UPS + "  ignorelb", [(4, "last_line_lost", "warning")]),
        (UPS + f"  desc = {'x ' * 40}\n", [(4, "too_many_words", "warning"), (4, "value_cut", "warning")]),
        (UPS + f"  desc = {'x' * 600}\n", [(4, "word_too_long", "warning")]),
        (UPS + "ü\n", []),
        (UPS + "  sdorder = -2\n", [(4, "number_invalid", "warning")]),
        (UPS + "  pollinterval = 2s\n", [(4, "number_invalid", "warning")]),
        (UPS + "  synchronous = maybe\n", [(4, "choice_invalid", "warning")]),
        ("[u1]\n  driver = usbhid_ups\n  port = auto\n", [(2, "driver_misspelt", "error")]),
        ("[u1]\n  driver = own-driver\n  port = auto\n", []),
        ("[u1]\n  driver = blazer_usb\n  port = /dev/ttyS0\n", [(3, "port_of_usb", "info")]),
        ("[u1]\n  driver = blazer_ser\n  port = auto\n", [(3, "port_of_serial", "warning")]),
        ("[u1]\n  driver = blazer_ser\n  port = /dev/ttyS0\n", []),
        ("[u1]\n  driver = snmp-ups\n  port = auto\n", [(3, "port_of_network", "error")]),
        (UPS + UPS.replace("u1", "u2"), [(4, "usb_not_told_apart", "warning")]),
        (UPS + UPS.replace("u1", "u2") + "  serial = 5\n", [(1, "usb_not_told_apart", "warning")]),
        (UPS + "  serial = 4\n" + UPS.replace("u1", "u2") + "  serial = 5\n", []),
    ],
)
def test_what_is_wrong_in_ups_conf(text: str, expected: list[tuple[int, str, str]]) -> None:
    """A missing key is reported at the line of its section's header."""
    assert sorted(told(validate({File.UPS: text}))) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LISTEN 0.0.0.0:3493\n", [(1, "port_in_address", "error")]),
        ("LISTEN [::1]:3493\n", [(1, "port_in_address", "error")]),
        ("LISTEN [::1]\n", [(1, "port_in_address", "error")]),
        ("listen 127.0.0.1\n", [(1, "directive_not_upper_case", "error")]),
        ("MaxAge 20\n", [(1, "directive_not_upper_case", "warning")]),
        ("LISTEN = 127.0.0.1\n", [(1, "directive_with_equals", "error")]),
        ("LISTEN\n", [(1, "directive_without_value", "warning")]),
        ("CERTIDENT geheim\n", [(1, "directive_without_value", "warning")]),
        ("LISTEN 127.0.0.1 3493 x\n", [(1, "directive_cut", "warning")]),
        ("STATEPATH /run#1\n", [(1, "directive_cut", "warning")]),
        ("STATEPATH /rün\n", [(1, "value_not_ascii", "warning")]),
        ("LISTEN 0.0.0.0\n", [(1, "listen_everywhere", "info")]),
        ("LISTEN * 3493\n", [(1, "listen_everywhere", "info")]),
        ("LISTEN 192.168.1.256\n", [(1, "address_invalid", "error")]),
        ("LISTEN 192.168.1.0/24\n", [(1, "address_invalid", "error")]),
        ("LISTEN fe80:::1\n", [(1, "address_invalid", "error")]),
        ("LISTEN 127.0.0.1 99999\n", [(1, "port_invalid", "error")]),
        ("LISTEN 127.0.0.1 nut\n", [(1, "port_invalid", "error")]),
        ("LISTEN 127.0.0.1\nLISTEN 127.0.0.1 3493\n", [(2, "listen_twice", "warning")]),
        (
            "ACL all 0.0.0.0/0\nACCEPT x\n",
            [(1, "directive_gone", "warning"), (2, "directive_gone", "warning")],
        ),
        ("LISTNE 127.0.0.1\n", [(1, "directive_unknown", "warning")]),
        ("[u1]\n", [(1, "section_in_upsd_conf", "warning")]),
        ("MAXAGE abc\n", [(1, "directive_no_number", "warning")]),
        ("MAXAGE 20s\n", [(1, "directive_with_unit", "info")]),
        ("MAXAGE 20\nMAXAGE 30\n", [(2, "directive_twice", "warning")]),
        ("MAXCONN 0\n", [(1, "maxconn_zero", "error")]),
        ("ALLOW_NO_DEVICE maybe\n", [(1, "choice_invalid", "warning")]),
        ("CERTREQUEST 3\n", [(1, "choice_invalid", "warning")]),
        ("CERTFILE /etc/nut/cert.pem\n", [(1, "certfile", "warning")]),
        ('STATEPATH "/run #"\n', [(1, "hash_in_quotes", "warning")]),
    ],
)
def test_what_is_wrong_in_upsd_conf(text: str, expected: list[tuple[int, str, str]]) -> None:
    """Directives are upper case, without `=`."""
    assert told(validate({File.UPSD: text})) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n[admin]\n  actions = SET\n", [(2, "password_missing", "error")]),
        ("[admin]\n  password = geheim b\n", [(2, "password_cut", "error")]),
        ("[admin]\n  password = ab=geheim\n", [(2, "password_cut", "error")]),
        ("[admin]\n  password = geheim#d\n", [(2, "password_cut", "error")]),
        ("[admin]\n  password = geheimü\n", [(2, "password_not_ascii", "error")]),
        (
            "[admin]\n  password geheim\n",
            [(1, "password_missing", "error"), (2, "equals_missing", "error")],
        ),
        (
            "[admin]\n  password =\n  geheim\n",
            [
                (1, "password_missing", "error"),
                (2, "value_missing", "warning"),
                (3, "setting_unknown", "warning"),
            ],
        ),
        (USER + "  password = geheim2\n", [(3, "password_twice", "warning")]),
        (USER + "  actions = SET, FSD\n", [(3, "commas", "error")]),
        (USER + "  instcmds = a,b\n", [(3, "commas", "error")]),
        (USER + "  actions = SET instcmds = ALL\n", [(3, "two_settings", "error")]),
        (USER + "  actions = geheim\n", [(3, "action_unknown", "error")]),
        (USER + "  upsmon master\n", [(3, "upsmon_old_role", "info")]),
        (USER + "  upsmon = primary\n", [(3, "upsmon_with_equals", "warning")]),
        (USER + "  upsmon geheim\n", [(3, "upsmon_role_unknown", "error")]),
        (USER + "  upsmon\n", [(3, "upsmon_role_unknown", "error")]),
        (USER + "  allowfrom = localhost\n", [(3, "allowfrom_gone", "warning")]),
        (USER + "  geheim = 1\n", [(3, "setting_unknown", "warning")]),
        ("password = geheim\n" + USER, [(1, "before_any_user", "warning")]),
        (USER + "[admin]\n  actions = SET\n", [(3, "user_twice", "error")]),
        (
            "[admin]\n[admin]\n  password = geheim\n",
            [(2, "user_twice", "error")],
        ),
        (USER + '  actions = "SET\n', [(3, "quote_not_closed", "error")]),
    ],
)
def test_what_is_wrong_in_upsd_users(text: str, expected: list[tuple[int, str, str]]) -> None:
    """And no password is ever repeated."""
    findings = validate({File.USERS: text})
    assert told(findings) == expected
    assert "geheim" not in repr(findings)


def test_what_stands_below_a_repeated_user_is_of_the_one_above() -> None:
    """There bob gets the rights of the administrator."""
    (finding,) = validate({File.USERS: USER + "[bob]\n  password = x\n[admin]\n  actions = SET\n"})
    assert finding.placeholders == {"user": "admin", "first": "1", "other": "bob"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MODE=none\n", [(1, "mode_none", "error")]),
        ("#\nMODE=netclient\n", [(2, "mode_netclient", "warning")]),
        ("MODE=Standalone\n", [(1, "mode_unknown", "error")]),
        ("MODE=\n", [(1, "mode_unknown", "error")]),
        ("MODE = standalone\n", [(1, "mode_with_blanks", "error")]),
        ("mode=standalone\n", [(1, "mode_not_upper_case", "error")]),
        ("# MODE=standalone\n", [(1, "mode_missing", "error")]),
        ("#\nMODE=standalone\r\n", [(2, "carriage_returns", "warning")]),
    ],
)
def test_what_is_wrong_in_nut_conf(text: str, expected: list[tuple[int, str, str]]) -> None:
    """A shell reads it."""
    assert told(validate({File.NUT: text})) == expected


@pytest.mark.parametrize(
    ("ups", "upsd", "expected"),
    [
        (UPS, "\nMAXAGE 5\n", [(2, "maxage_short", "warning")]),
        (UPS + "  pollinterval = 20\n", "", [(1, "maxage_short", "warning")]),
        ("pollinterval = 6\n" + UPS, "", [(1, "maxage_short", "warning")]),
        ("pollinterval = 6\n" + UPS + "  pollinterval = 5\n", "", []),
        ("", "ALLOW_NO_DEVICE yes\n", []),
        ("", "", [(1, "no_ups", "error")]),
    ],
)
def test_files_that_do_not_fit_each_other(ups: str, upsd: str, expected: list[tuple[int, str, str]]) -> None:
    """A UPS that is read less often than every third of MAXAGE seems stale now and then."""
    assert told(validate({File.UPS: ups, File.UPSD: upsd})) == expected


@pytest.mark.parametrize(
    ("texts", "files"),
    [
        ({File.UPS: UPS, File.UPSD: "", File.USERS: USER, File.NUT: "MODE=standalone\n"}, [File.USERS]),
        ({File.UPS: "[u1]\n" + NET + "  community = x\n"}, [File.UPS]),
        ({File.UPSD: "CERTIDENT a b\n"}, [File.UPSD]),
    ],
)
def test_passwords_that_everybody_may_read(texts: dict[File, str], files: list[File]) -> None:
    """A file without any may be read."""
    findings = validate(texts, exposed=[*File])
    assert [(finding.file, finding.code) for finding in findings] == [
        (file, "readable_by_everyone") for file in files
    ]
    assert validate(texts) == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (File.UPS, '[u1]\n  desc = "Büro\n  password = geheim\n'),
        (File.UPS, '"[ü\n  password = geheim]"\n'),
        (File.UPSD, 'LISTEN "0.0.0.256\nCERTIDENT nut "geheim"\n'),
    ],
)
def test_what_a_quote_swallows_is_not_repeated(file: File, text: str) -> None:
    """It may be a password."""
    findings = validate({file: text})
    assert "quote_not_closed" in {finding.code for finding in findings}
    assert "geheim" not in repr(findings)


def test_long_names_are_cut() -> None:
    """They stand in sentences."""
    (finding,) = validate({File.UPS: f"[{'u' * 200}@]\n" + NET})
    assert len(finding.placeholders["ups"]) == 80
    assert (finding.text_key, finding.fix_key) == ("nut_ups_name_unfit", "nut_ups_name_unfit_fix")


PIECES = st.sampled_from(
    [
        *'\n\n\n =#"\\[]ü',
        "[u1]\n",
        "driver",
        "port",
        "password",
        "upsmon",
        "LISTEN ",
        "MODE=",
        "auto",
        "actions",
        "MAXAGE 9",
    ]
)


@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=30).map("".join)))
def test_no_text_makes_it_fail(text: str) -> None:
    """Whatever is in a file, findings come out, each at one of its lines."""
    findings = validate(dict.fromkeys(File, text), exposed=[*File], whole=True)
    assert all(1 <= finding.line <= text.count("\n") + 1 for finding in findings)
