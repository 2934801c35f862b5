"""All the files together."""

from collections.abc import Collection, Mapping
from typing import Final

from .findings import File, Finding, Report
from .nut_conf import check_nut_conf
from .ups_conf import check_ups_conf, holds_secrets
from .upsd_conf import Served, check_upsd_conf
from .upsd_users import check_upsd_users

#: Without them upsd does not start.
_NEEDED: Final = (File.UPS, File.UPSD, File.USERS)
#: upsd asks a driver every third of MAXAGE; one that reads its UPS less often seems dead now and then.
_READINGS_IN_MAXAGE: Final = 3


def validate(
    texts: Mapping[File, str], *, exposed: Collection[File] = (), whole: bool = False
) -> list[Finding]:
    """Return what is wrong, file by file and line by line.

    A file that is left out was not given; of a whole folder it is missing. Exposed are the files that
    everybody on their machine may read.
    """
    reports = {file: Report(file) for file in File}
    if whole:
        _check_all_there(texts, reports)
    served, poll_interval = None, None
    if (text := texts.get(File.UPSD)) is not None:
        served = check_upsd_conf(text, reports[File.UPSD])
    if (text := texts.get(File.UPS)) is not None:
        without = served is not None and served.may_be_without_ups
        poll_interval = check_ups_conf(text, reports[File.UPS], may_be_none=without)
    if (text := texts.get(File.USERS)) is not None:
        check_upsd_users(text, reports[File.USERS])
    if (text := texts.get(File.NUT)) is not None:
        check_nut_conf(text, reports[File.NUT])
    if served is not None and poll_interval is not None:
        _check_pace(served, poll_interval, reports[File.UPSD])
    for file in _secret(texts, served) & {*exposed}:
        reports[file].warning(1, "readable_by_everyone", name=file)
    return [
        finding
        for file in File
        for finding in sorted(reports[file].findings, key=lambda finding: finding.line)
    ]


def _check_all_there(texts: Mapping[File, str], reports: Mapping[File, Report]) -> None:
    for file in _NEEDED:
        if file not in texts:
            reports[file].error(1, "file_missing", name=file)


def _check_pace(served: Served, poll_interval: int, report: Report) -> None:
    if served.maxage < _READINGS_IN_MAXAGE * poll_interval:
        report.warning(
            served.maxage_line,
            "maxage_short",
            maxage=f"{served.maxage}",
            interval=f"{poll_interval}",
            least=f"{_READINGS_IN_MAXAGE * poll_interval}",
        )


def _secret(texts: Mapping[File, str], served: Served | None) -> set[File]:
    """Return the files that hold passwords."""
    secret = {File.USERS} & texts.keys()
    if served is not None and served.has_secrets:
        secret.add(File.UPSD)
    if holds_secrets(texts.get(File.UPS, "")):
        secret.add(File.UPS)
    return secret
