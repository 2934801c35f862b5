"""Lists of holidays in CSV or text, as ministries, calendars and people write them."""

from collections.abc import Iterable, Mapping, Sequence
import csv
from dataclasses import dataclass, field
from datetime import date
import re
from typing import Final

from ..errors import Refused
from .holidays import Holiday, admit, check_holiday
from .periods import Period

MAX_FILE_LENGTH: Final = 1_000_000
_MAX_LINE_SHOWN: Final = 200

_HEADERS: Final = {
    "name": "name title holiday summary bezeichnung titel ferien feiertag ferienname",
    "start": "start start_date startdate from begin beginn von anfang startdatum datum date day tag",
    "end": "end end_date enddate to until till ende bis enddatum",
    "region": "region state land bundesland province",
}
_COLUMN_OF: Final = {word: column for column, words in _HEADERS.items() for word in words.split()}
_COLUMNS: Final = tuple(_HEADERS)

_MONTHS: Final = (
    "jan januar jänner jän jaenner january",
    "feb februar feber february",
    "mär märz maerz mrz march mar",
    "apr april",
    "mai may",
    "jun juni june",
    "jul juli july",
    "aug august",
    "sep sept september",
    "okt oktober oct october",
    "nov november",
    "dez dezember dec december",
)
_MONTH_OF: Final = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
_ISO: Final = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[T ].*)?")
_WEEKDAY: Final = r"(?:[a-zäöü]+\.?,? )?"
_DOTTED: Final = re.compile(
    rf"{_WEEKDAY}([0-9]{{1,2}})\. ?([0-9]{{1,2}})\. ?([0-9]{{4}}|[0-9]{{2}})", re.IGNORECASE
)
_WORDED: Final = re.compile(rf"{_WEEKDAY}([0-9]{{1,2}})\.? ([a-zäöü]+)\.? ([0-9]{{4}})", re.IGNORECASE)


def decode(content: bytes) -> str:
    """Return a file's text: UTF-8, with a mark at its beginning or without, or else Latin-1."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A line of a list, read as far as it could be."""

    line: int
    text: str
    name: str
    region: str | None
    start: date | None
    end: date | None


def read_list(content: str) -> list[Row]:
    """Read a list of holidays; its first line may say what the columns are."""
    content = content.removeprefix("\ufeff")
    if len(content) > MAX_FILE_LENGTH:
        raise Refused("holiday_file_too_long", limit=f"{MAX_FILE_LENGTH}")
    lines = content.splitlines()
    filled = [(number, line) for number, line in enumerate(lines, 1) if line.strip(" \t;,")]
    if not filled:
        raise Refused("holiday_file_empty")
    separator = max(";\t,", key=filled[0][1].count)
    cells = [(number, line, _cells(line, separator)) for number, line in filled]
    columns = _header(cells[0][2])
    if columns is None:
        columns = {column: index for index, column in enumerate(_COLUMNS)}
    else:
        del cells[0]
    return [_row(number, line, row, columns) for number, line, row in cells]


def _cells(line: str, separator: str) -> list[str]:
    """Take a line apart; quotes hold together."""
    (row,) = csv.reader([line], delimiter=separator, skipinitialspace=True)
    return [cell.strip() for cell in row]


def _header(cells: Sequence[str]) -> dict[str, int] | None:
    """Return which column is what, None for a line that is a holiday already."""
    words = [cell.casefold().replace(" ", "_") for cell in cells]
    columns = {_COLUMN_OF[word]: index for index, word in reversed([*enumerate(words)]) if word in _COLUMN_OF}
    if any(read_day(cell) for cell in cells) or not columns:
        return None
    if not {"name", "start"} <= columns.keys():
        raise Refused("holiday_columns_missing", columns=", ".join(cells)[:_MAX_LINE_SHOWN])
    return columns


def _row(line: int, text: str, cells: Sequence[str], columns: Mapping[str, int]) -> Row:
    """Read a line; without an end it is one day."""
    given = {column: cells[index] for column, index in columns.items() if index < len(cells)}
    start = read_day(given.get("start", ""))
    return Row(
        line=line,
        text=text.strip()[:_MAX_LINE_SHOWN],
        name=" ".join(given.get("name", "").split()),
        region=" ".join(given.get("region", "").split()) or None,
        start=start,
        end=read_day(given["end"]) if given.get("end") else start,
    )


def read_day(text: str) -> date | None:
    """Read a date: 2026-12-24, 24.12.2026, 24.12.26, 6. Jänner 2027; None is none."""
    text = text.strip()
    try:
        if match := _ISO.fullmatch(text):
            return date(int(match[1]), int(match[2]), int(match[3]))
        if match := _DOTTED.fullmatch(text):
            year = int(match[3])
            return date(year + (2000 if year < 100 else 0), int(match[2]), int(match[1]))
        if (match := _WORDED.fullmatch(text)) and match[2].casefold() in _MONTH_OF:
            return date(int(match[3]), _MONTH_OF[match[2].casefold()], int(match[1]))
    except ValueError:
        return None
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """A line that could not be taken, and the holiday in its way if that is the reason."""

    row: Row
    holiday: Holiday | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """What became of a list."""

    holidays: tuple[Holiday, ...]
    counts: Mapping[str, int]
    conflicts: tuple[Conflict, ...] = field(default=())


def take(rows: Iterable[Row], period: Period, holidays: Sequence[Holiday], next_id: int) -> Imported:
    """Let the holidays of a list join those of a period; what cannot is reported and left out."""
    counts = dict.fromkeys(("inserted", "updated", "merged", "skipped"), 0)
    conflicts, kept = [], tuple(holidays)
    for row in rows:
        new = _holiday(row, period, next_id)
        if new is None:
            conflicts.append(Conflict(row=row))
            counts["skipped"] += 1
            continue
        admission = admit(kept, new)
        if admission.outcome == "conflict":
            conflicts.append(Conflict(row=row, holiday=admission.holiday))
            counts["skipped"] += 1
            continue
        counts[admission.outcome] += 1
        kept = admission.holidays
        next_id += 1
    return Imported(holidays=kept, counts=counts, conflicts=tuple(conflicts))


def _holiday(row: Row, period: Period, holiday_id: int) -> Holiday | None:
    """Return the holiday of a line, None if it is none or outside the period."""
    if row.start is None or row.end is None:
        return None
    new = Holiday(
        holiday_id=holiday_id,
        period=period.period_id,
        name=row.name,
        region=row.region,
        start=row.start,
        end=row.end,
    )
    try:
        check_holiday(new, period)
    except Refused:
        return None
    return new
