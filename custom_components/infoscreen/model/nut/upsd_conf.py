"""Rules for upsd.conf, which says where and how upsd serves."""

from dataclasses import dataclass
from ipaddress import ip_address
import re
from typing import Final

from .findings import Report
from .lexer import Line, Word, lines_of

DEFAULT_MAXAGE: Final = 15
DEFAULT_PORT: Final = 3493

#: How many words each directive takes at least and at most.
_WORDS: Final = {
    "LISTEN": (1, 2),
    "MAXAGE": (1, 1),
    "TRACKINGDELAY": (1, 1),
    "MAXCONN": (1, 1),
    "STATEPATH": (1, 1),
    "DATAPATH": (1, 1),
    "ALLOW_NO_DEVICE": (1, 1),
    "ALLOW_NOT_ALL_LISTENERS": (1, 1),
    "CERTFILE": (1, 1),
    "CERTPATH": (1, 1),
    "CERTIDENT": (2, 2),
    "CERTREQUEST": (1, 1),
    "DISABLE_WEAK_SSL": (1, 1),
    "DEBUG_MIN": (1, 1),
}
_ANY_CASE: Final = "DEBUG_MIN"
_GONE: Final = {"ACL", "ACCEPT", "REJECT"}
_NUMBERS: Final = {"MAXAGE", "TRACKINGDELAY", "MAXCONN", "DEBUG_MIN"}
_FLAGS: Final = {"ALLOW_NO_DEVICE", "ALLOW_NOT_ALL_LISTENERS", "DISABLE_WEAK_SSL"}
_YES: Final = ("true", "yes", "on", "1")
_NO: Final = ("false", "no", "off", "0")
_REQUESTS: Final = ("0", "1", "2")
_EVERYWHERE: Final = {"0.0.0.0", "::", "*"}
_HOST_AND_PORT: Final = re.compile(r"([^:]+):([0-9]+)")
_BRACKETS: Final = re.compile(r"\[([^\]]*)\](?::([0-9]+))?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """What the other files are held against."""

    maxage: int = DEFAULT_MAXAGE
    maxage_line: int = 1
    may_be_without_ups: bool = False
    has_secrets: bool = False


def check_upsd_conf(text: str, report: Report) -> Served:
    """Report what is wrong, and return what matters to the other files."""
    given: dict[str, tuple[int, str]] = {}
    listening: dict[tuple[str, str], int] = {}
    for line in lines_of(text):
        if report.is_read(line) and (directive := _directive(line, report)):
            values = line.texts[1:]
            if directive == "LISTEN":
                _check_listen(line.number, values, listening, report)
                continue
            if directive in given:
                report.warning(line.number, "directive_twice", directive=directive)
            given[directive] = (line.number, values[0])
            _check_value(line.number, directive, values[0], report)
    line_of_age, age = given.get("MAXAGE", (1, ""))
    digits = re.match(r"[0-9]{1,9}", age)
    return Served(
        maxage=int(digits[0]) if digits else DEFAULT_MAXAGE,
        maxage_line=line_of_age,
        may_be_without_ups=given.get("ALLOW_NO_DEVICE", (0, ""))[1].casefold() in _YES,
        has_secrets="CERTIDENT" in given,
    )


def _directive(line: Line, report: Report) -> str | None:
    """Return the directive of a line, None where upsd takes it for none."""
    name, *values = line.words
    directive = name.text.upper()
    if directive == _ANY_CASE:
        return _with_values(line.number, directive, values, report)
    if directive in _GONE:
        report.warning(line.number, "directive_gone", directive=directive)
    elif name.text.startswith("["):
        report.warning(line.number, "section_in_upsd_conf")
    elif directive not in _WORDS:
        report.warning(line.number, "directive_unknown")
    elif name.text != directive and directive == "LISTEN":
        report.error(line.number, "directive_not_upper_case", directive=name.text, right=directive)
    elif name.text != directive:
        report.warning(line.number, "directive_not_upper_case", directive=name.text, right=directive)
    else:
        return _with_values(line.number, directive, values, report)
    return None


def _with_values(number: int, directive: str, values: list[Word], report: Report) -> str | None:
    """Return the directive if what follows it is as much as it takes."""
    least, most = _WORDS[directive]
    if values and values[0].text == "=":
        report.error(number, "directive_with_equals", directive=directive)
        return None
    if len(values) < least:
        report.warning(number, "directive_without_value", directive=directive)
        return None
    if len(values) > most or any(word.cut_by_hash for word in values):
        report.warning(number, "directive_cut", directive=directive)
    if any(word.not_ascii for word in values):
        report.warning(number, "value_not_ascii", key=directive)
    return directive


def _check_value(number: int, directive: str, value: str, report: Report) -> None:
    if directive in _NUMBERS:
        _check_number(number, directive, value, report)
    elif directive in _FLAGS and value.casefold() not in {*_YES, *_NO}:
        report.warning(number, "choice_invalid", key=directive, choices="true, false")
    elif directive == "CERTREQUEST" and value not in _REQUESTS:
        report.warning(number, "choice_invalid", key=directive, choices=", ".join(_REQUESTS))
    elif directive == "CERTFILE":
        report.warning(number, "certfile")


def _check_number(number: int, directive: str, value: str, report: Report) -> None:
    """Check a number; upsd takes the digits in front and nothing else of it."""
    taken = re.sub(r"[^0-9].*", "", value)
    if not taken:
        report.warning(number, "directive_no_number", directive=directive)
    elif taken != value:
        report.info(number, "directive_with_unit", directive=directive, number=taken)
    elif directive == "MAXCONN" and not int(taken[:9]):
        report.error(number, "maxconn_zero")


def _check_listen(
    number: int, values: list[str], listening: dict[tuple[str, str], int], report: Report
) -> None:
    """Check an address and a port; upsd ends where it cannot make anything of them."""
    address, port = values[0], values[1] if len(values) > 1 else f"{DEFAULT_PORT}"
    if not (port.isdecimal() and len(port) <= 5 and 0 < int(port) <= 65535):
        report.error(number, "port_invalid", port=port)
    for form in (_HOST_AND_PORT, _BRACKETS):
        if match := form.fullmatch(address):
            report.error(number, "port_in_address", address=match[1], port=match[2] or f"{DEFAULT_PORT}")
            return
    if not _is_address(address):
        report.error(number, "address_invalid", address=address)
    elif (address, port) in listening:
        first = listening[address, port]
        report.warning(number, "listen_twice", address=address, port=port, first=f"{first}")
    elif address in _EVERYWHERE:
        report.info(number, "listen_everywhere", address=address)
    listening.setdefault((address, port), number)


def _is_address(text: str) -> bool:
    """Tell whether something may be an address or a name; which names there are only the network knows."""
    if text == "*":
        return True
    if ":" not in text and not re.fullmatch(r"[0-9.]+", text):
        return re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?", text) is not None
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
