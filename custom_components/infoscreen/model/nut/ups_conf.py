"""Rules for ups.conf, in which the UPSes and their drivers stand."""

import re
from typing import Final

from .findings import File, Report
from .sections import Entry, Section, repeated, sections_of

#: How often a driver reads its UPS unless the configuration says otherwise, in seconds.
DEFAULT_POLL_INTERVAL: Final = 2

_REQUIRED: Final = ("driver", "port")
_LOWEST: Final = {
    "sdorder": -1,
    "maxstartdelay": 0,
    "maxretry": 0,
    "retrydelay": 0,
    "pollinterval": 1,
    "debug_min": 0,
}
_WITH_VALUE: Final = {*_REQUIRED, *_LOWEST, "desc", "synchronous", "sdcommands", "user", "group"}
_KNOWN: Final = _WITH_VALUE | {"nolock", "ignorelb", "allow_killpower"}
_SYNCHRONOUS: Final = ("yes", "no", "auto")
_SECRETS: Final = {"community", "password", "authpassword", "privpassword", "login"}
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,9}")

_USB: Final = {
    "usbhid-ups",
    "blazer_usb",
    "nutdrv_qx",
    "nutdrv_atcl_usb",
    "bcmxcp_usb",
    "tripplite_usb",
    "riello_usb",
    "richcomm_usb",
}
# One driver for both: what else it is told says which.
_USB_ONLY: Final = _USB - {"nutdrv_qx"}
_SERIAL: Final = {
    "apcsmart",
    "bcmxcp",
    "belkin",
    "bestfcom",
    "bestups",
    "blazer_ser",
    "genericups",
    "mge-shut",
    "mge-utalk",
    "microdowell",
    "optiups",
    "powercom",
    "powerpanel",
    "riello_ser",
    "tripplite",
    "upscode2",
    "victronups",
}
_NETWORK: Final = {"snmp-ups", "netxml-ups", "apcupsd-ups"}
_DRIVERS: Final = {
    *_USB,
    *_SERIAL,
    *_NETWORK,
    "dummy-ups",
    "clone",
    "nut-ipmipsu",
    "apc_modbus",
    "apcsmart-old",
}
_TOLD_APART_BY: Final = ("serial", "vendorid", "productid", "vendor", "product", "bus", "busport", "device")


def _plain(name: str) -> str:
    return name.casefold().replace("_", "-").removesuffix(".exe")


_BY_PLAIN_NAME: Final = {_plain(name): name for name in _DRIVERS}


def check_ups_conf(text: str, report: Report, *, may_be_none: bool = False) -> int:
    """Report what is wrong, and return how many seconds lie between two readings of the slowest UPS."""
    head, *sections = sections_of(text, report)
    if not sections and not may_be_none:
        report.error(1, "no_ups")
    for entry in head.entries:
        if entry.key in {*_REQUIRED, "desc"}:
            report.error(entry.line, "key_before_section", key=entry.key)
        else:
            _check_entry(entry, report)
    upses = _merged(sections, report)
    for ups in upses.values():
        _check_ups(ups, report)
    _check_told_apart([*upses.values()], report)
    usual = _interval(head, DEFAULT_POLL_INTERVAL)
    return max((_interval(ups, usual) for ups in upses.values()), default=usual)


def holds_secrets(text: str) -> bool:
    """Tell whether a password or an SNMP community stands in the file."""
    sections = sections_of(text, Report(File.UPS))
    return any(entry.key.casefold() in _SECRETS for section in sections for entry in section.entries)


def _merged(sections: list[Section], report: Report) -> dict[str, Section]:
    """Return the UPSes by name; sections of one name are one to NUT, a name in another case is none."""
    first: dict[str, Section] = {}
    entries: dict[str, list[Entry]] = {}
    cases: dict[str, str] = {}
    for section in sections:
        name = section.name
        other = cases.setdefault(name.casefold(), name)
        if other != name:
            report.error(section.line, "ups_names_differ_in_case", ups=name, other=other)
        if name in first:
            report.warning(section.line, "ups_twice", ups=name, first=f"{first[name].line}")
        first.setdefault(name, section)
        entries.setdefault(name, []).extend(section.entries)
    return {
        name: Section(line=section.line, name=name, entries=tuple(entries[name]))
        for name, section in first.items()
    }


def _check_ups(ups: Section, report: Report) -> None:
    if re.search(r"[\s@:\"/\\]", ups.name):
        report.error(ups.line, "ups_name_unfit", ups=ups.name)
    if ups.name.casefold() == "default":
        report.info(ups.line, "ups_name_reserved", ups=ups.name)
    for entry in ups.entries:
        _check_case(entry, report)
        _check_entry(entry, report)
    for entry in repeated(ups.entries):
        report.warning(entry.line, "key_twice", key=entry.key, section=ups.name)
    if ups.get("driver") is None:
        report.error(ups.line, "driver_missing", ups=ups.name)
    if ups.get("port") is None:
        report.error(ups.line, "port_missing", ups=ups.name)
    _check_driver(ups, report)


def _check_case(entry: Entry, report: Report) -> None:
    """Keys are lower case; upsd looks for two of them, the drivers for the others."""
    right = entry.key.casefold()
    if entry.key == right or right not in _KNOWN:
        return
    if right in _REQUIRED:
        report.error(entry.line, "key_not_lower_case", key=entry.key, right=right)
    else:
        report.warning(entry.line, "key_not_lower_case", key=entry.key, right=right)


def _check_entry(entry: Entry, report: Report) -> None:
    """Check the form of a line, then its value."""
    if not entry.equals and entry.values:
        report.warning(entry.line, "equals_missing")
    elif entry.value is None:
        if entry.equals or entry.key in _WITH_VALUE:
            report.warning(entry.line, "value_missing", key=entry.key)
    else:
        _check_value(entry, entry.value, report)


def _check_value(entry: Entry, value: str, report: Report) -> None:
    key = entry.key
    if entry.is_cut:
        report.warning(entry.line, "value_cut", key=key)
    if entry.not_ascii and key == "desc":
        report.warning(entry.line, "description_not_ascii", value=value)
    elif entry.not_ascii:
        report.warning(entry.line, "value_not_ascii", key=key)
    if key in _LOWEST and not (_NUMBER.fullmatch(value) and int(value) >= _LOWEST[key]):
        report.warning(entry.line, "number_invalid", key=key, lowest=f"{_LOWEST[key]}")
    if key == "synchronous" and value.casefold() not in _SYNCHRONOUS:
        report.warning(entry.line, "choice_invalid", key=key, choices=", ".join(_SYNCHRONOUS))


def _check_driver(ups: Section, report: Report) -> None:
    """Check that driver and port fit each other."""
    driver, port = ups.get("driver"), ups.get("port")
    lines = {entry.key: entry.line for entry in ups.entries}
    if driver is None:
        return
    if driver not in _DRIVERS and (right := _BY_PLAIN_NAME.get(_plain(driver))):
        report.error(lines["driver"], "driver_misspelt", driver=driver, right=right)
    if port is None:
        return
    if driver in _USB_ONLY and port != "auto":
        report.info(lines["port"], "port_of_usb", driver=driver)
    if driver in _SERIAL and not port.startswith("/"):
        report.warning(lines["port"], "port_of_serial", driver=driver)
    if driver in _NETWORK and (port == "auto" or port.startswith("/")):
        report.error(lines["port"], "port_of_network", driver=driver)


def _check_told_apart(upses: list[Section], report: Report) -> None:
    """Two drivers of one kind take whichever USB device they find first."""
    for driver in sorted(_USB_ONLY):
        alike = [ups for ups in upses if ups.get("driver") == driver]
        vague = [ups for ups in alike if not any(map(ups.get, _TOLD_APART_BY))]
        for ups in (vague[1:] or vague) if len(alike) > 1 else ():
            other = next(each for each in alike if each is not ups)
            report.warning(ups.line, "usb_not_told_apart", ups=ups.name, other=other.name)


def _interval(section: Section, usual: int) -> int:
    value = section.get("pollinterval")
    return int(value) if value and _NUMBER.fullmatch(value) and int(value) > 0 else usual
