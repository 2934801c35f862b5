"""Rules for nut.conf, which says what starts on a machine; it is read by a shell."""

import re
from typing import Final

from .findings import Report

_SERVING: Final = {"standalone", "netserver", "controlled", "manual"}
_MODE: Final = re.compile(r"[ \t]*(?:export[ \t]+)?(mode)([ \t]*)=([ \t]*)(.*)", re.IGNORECASE)


def check_nut_conf(text: str, report: Report) -> None:
    """Report what is wrong."""
    lines = text.removeprefix("\ufeff").split("\n")
    if (ended := next((number for number, line in enumerate(lines, 1) if line.endswith("\r")), 0)) > 0:
        report.warning(ended, "carriage_returns")
    modes = [
        (number, match)
        for number, line in enumerate(lines, 1)
        if (match := _MODE.fullmatch(line.rstrip("\r")))
    ]
    if not modes:
        report.error(1, "mode_missing")
        return
    number, match = modes[-1]
    if match[1] != "MODE":
        report.error(number, "mode_not_upper_case")
    elif match[2] or match[3]:
        report.error(number, "mode_with_blanks")
    else:
        _check_mode(number, match[4], report)


def _check_mode(number: int, value: str, report: Report) -> None:
    mode = re.sub(r"\s+#.*", "", value).strip().strip("\"'")
    if mode == "none":
        report.error(number, "mode_none")
    elif mode == "netclient":
        report.warning(number, "mode_netclient")
    elif mode not in _SERVING:
        report.error(number, "mode_unknown")
