"""Test lists of holidays, as ministries, spreadsheets and people write them."""

from dataclasses import replace
from datetime import date

import pytest

from custom_components.infoscreen.model.errors import Refused
from custom_components.infoscreen.model.schedule.holiday_file import decode, read_day, read_list, take
from custom_components.infoscreen.model.schedule.holidays import Holiday

from .test_holidays import CHRISTMAS
from .test_periods import YEAR

XMAS = ("Weihnachten", date(2025, 12, 24), date(2026, 1, 6), "Wien")


def rows(content: str) -> list[tuple[str, date | None, date | None, str | None]]:
    """Return what is read of a list."""
    return [(row.name, row.start, row.end, row.region) for row in read_list(content)]


@pytest.mark.parametrize(
    "content",
    [
        "Weihnachten,2025-12-24,2026-01-06,Wien",
        "Weihnachten;24.12.2025;06.01.2026;Wien\n",
        "Weihnachten\t24. Dezember 2025\t6. Jänner 2026\tWien\r\n",
        "\ufeffname,start,end,region\nWeihnachten,2025-12-24,2026-01-06,Wien",
        "Bezeichnung;Von;Bis;Bundesland\nWeihnachten;24.12.25;6.1.26;Wien",
        "Bundesland;Ferien;Beginn;Ende\n\n Wien ; Weihnachten ;24.12.2025;06.01.2026;",
        '"Region","Start Date","End Date","Name"\n"Wien","2025-12-24","2026-01-06","Weihnachten"',
        "Start\tEnd\tTitle\tState\n20251224\t20260106\tWeihnachten\tWien",
        "Weihnachten;Mi., 24.12.2025;Dienstag 06.01.2026;Wien",
    ],
    ids=[
        "commas",
        "semicolons",
        "tabs and words",
        "a mark and a header",
        "German header, short years",
        "columns in another order",
        "quotes",
        "without dashes",
        "with weekdays",
    ],
)
def test_a_list_is_read_however_it_is_written(content: str) -> None:
    """Product, "Schedule": separators, headers, dates."""
    assert rows(content) == [XMAS]


def test_a_row_without_an_end_is_one_day() -> None:
    """As public holidays are."""
    day = date(2026, 5, 1)
    assert rows("Staatsfeiertag;1. Mai 2026") == [("Staatsfeiertag", day, day, None)]
    assert rows("name,date\nLabour Day,1 May 2026\n") == [("Labour Day", day, day, None)]


@pytest.mark.parametrize(
    "content",
    ["Märzferien".encode(), b"\xef\xbb\xbf" + "Märzferien".encode(), "Märzferien".encode("latin-1")],
    ids=["UTF-8", "UTF-8 with a mark", "Latin-1"],
)
def test_files_are_of_either_encoding(content: bytes) -> None:
    """Product, "Schedule"."""
    assert decode(content) == "Märzferien"


def test_lines_are_counted_from_one_with_the_header_and_the_empty_ones() -> None:
    """As an editor shows them."""
    content = "name;start\n\nA;2026-01-01\n;;\nB;2026-01-02\n"
    assert [(row.line, row.text) for row in read_list(content)] == [(3, "A;2026-01-01"), (5, "B;2026-01-02")]


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-13-01", "31.02.2026", "1. Smarch 2026", "30. Februar 2026", "1.1.", "2026"],
)
def test_these_are_no_days(text: str) -> None:
    """They are reported with their line."""
    assert read_day(text) is None


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("", "holiday_file_empty"),
        ("\n ;;\n", "holiday_file_empty"),
        ("x" * 1_000_001, "holiday_file_too_long"),
        ("name;region\nA;Wien", "holiday_columns_missing"),
        ("start;end\n2026-01-01;2026-01-02", "holiday_columns_missing"),
    ],
    ids=["nothing", "blanks", "too much", "no start", "no name"],
)
def test_these_are_no_lists(content: str, key: str) -> None:
    """A file of another kind is refused as a whole."""
    with pytest.raises(Refused) as refused:
        read_list(content)
    assert refused.value.key == key


def test_a_list_joins_what_is_there_and_tells_what_became_of_each_line() -> None:
    """Product, "Actions": counts, and conflicts with their lines."""
    content = """name;start;end;region
Herbst;2025-10-27;2025-10-31;Wien
HERBST;2025-11-01;2025-11-02;wien
Weihnachten;2025-12-25;;Wien
weihnachten;2025-12-26;;Wien
Silvester;2025-12-31;;Wien
Sommer;2026-07-04;2026-09-06;Wien
Irgendwann;bald;;Wien
;2026-03-01;;Wien"""
    taken = take(read_list(content), YEAR, [CHRISTMAS], 10)
    assert taken.counts == {"inserted": 1, "updated": 1, "merged": 1, "skipped": 5}
    assert [(each.row.line, each.holiday.name if each.holiday else None) for each in taken.conflicts] == [
        (6, "weihnachten"),
        (7, None),
        (8, None),
        (9, None),
    ]
    autumn = Holiday(
        holiday_id=10, period=1, name="HERBST", region="wien", start=date(2025, 10, 27), end=date(2025, 11, 2)
    )
    assert sorted(taken.holidays, key=lambda each: each.start) == [
        autumn,
        replace(CHRISTMAS, name="weihnachten"),
    ]
