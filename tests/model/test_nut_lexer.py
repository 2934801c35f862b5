"""Test how configuration files of NUT are taken apart."""

from hypothesis import given, strategies as st
import pytest

from custom_components.infoscreen.model.nut.lexer import MAX_WORD_LENGTH, MAX_WORDS, Line, lines_of


def words(text: str) -> list[list[str]]:
    """Return the words of each line."""
    return [line.texts for line in lines_of(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n \t\r\n", []),
        ("a b", [["a", "b"]]),
        ("a=b\n", [["a", "=", "b"]]),
        ("a = = b\n", [["a", "=", "=", "b"]]),
        ("=\n", [["="]]),
        ("# a\n  # b\na # b\n", [["a"]]),
        ("a b#c d\n", [["a", "b"]]),
        ('a "b = c  d"\n', [["a", "b = c  d"]]),
        ('a ""\n', [["a", ""]]),
        ('"a"b\n', [["a", "b"]]),
        ('a"b c"\n', [['a"b', 'c"']]),
        (r'a "b\"c\#\\" d\ e \=' + "\n", [["a", 'b"c#\\', "d e", "="]]),
        ("a \\\n b\n", [["a", "", "b"]]),
        ("a\\\nb\nc\n", [["ab"], ["c"]]),
        ('a "b\\\nc"\n', [["a", "bc"]]),
        ("# a \\\nb\n", [["b"]]),
        ("\ufeff[a]\r\nb = c\r\n", [["[a]"], ["b", "=", "c"]]),
        ("[büro]\nü = x\n", [["[bro]"], ["", "=", "x"]]),
        ("a\x7f\x01b c\n", [["a\x7fb", "c"]]),
        ("a b\\", [["a", "b"]]),
    ],
)
def test_words_are_those_that_nut_takes(text: str, expected: list[list[str]]) -> None:
    """Blanks, `=`, comments, quotes, backslashes, lines that go on, and what is not ASCII."""
    assert words(text) == expected


def test_a_line_has_the_number_of_its_first() -> None:
    """Also after lines that go on, comments and quotes over several lines."""
    text = 'a\n\nb \\\nc\n# d\ne "f\ng"\nh i\n'
    assert [(line.number, line.texts[0]) for line in lines_of(text)] == [
        (1, "a"),
        (3, "b"),
        (6, "e"),
        (8, "h"),
    ]


def test_a_hash_in_quotes_breaks_its_line_only() -> None:
    """NUT drops the line."""
    broken, after = lines_of('desc = "Rack #1"\nport = auto\n')
    assert broken.broken
    assert after == Line(number=2, words=after.words)
    assert after.texts == ["port", "=", "auto"]


def test_a_quote_that_is_not_closed_swallows_lines() -> None:
    """Until the next quote, or the end of the file; they may hold passwords and are not repeated."""
    swallowed, after = lines_of('a = "b\nc = "d = "e" f\ng h\n')
    assert (swallowed.unclosed, swallowed.texts) == (True, ["a", "=", "b"])
    assert (after.unclosed, after.number) == (False, 3)
    (last,) = lines_of('a = "b\nc = d\n')
    assert (last.unclosed, last.texts) == (True, ["a", "=", "b"])


@pytest.mark.parametrize(
    ("text", "lost"),
    [("a", True), ('"a', True), ("a\n", False), ("a b", False), ("a #", False), ('"a"', False)],
)
def test_a_last_word_without_an_end_is_lost(text: str, lost: bool) -> None:
    """NUT does not see it."""
    assert [line.lost for line in lines_of(text)] == [lost]


def test_lines_and_words_have_bounds() -> None:
    """NUT cuts both without a word."""
    (line,) = lines_of("a " * (MAX_WORDS + 1) + "\n")
    assert (len(line.words), len(line.texts)) == (MAX_WORDS + 1, MAX_WORDS)
    long, fits = lines_of("a" * (MAX_WORD_LENGTH + 1) + "\n" + "a" * MAX_WORD_LENGTH + "\n")
    assert (long.words[0].too_long, len(long.texts[0])) == (True, MAX_WORD_LENGTH)
    assert not fits.words[0].too_long


def test_it_is_told_what_was_lost_of_a_word() -> None:
    """A password that is cut is another one."""
    (line,) = lines_of("ä b#c\n")
    assert [(word.not_ascii, word.cut_by_hash) for word in line.words] == [(True, False), (False, True)]


@given(st.text(alphabet=st.sampled_from('ab=#"\\ \n\r\tü[]'), max_size=60))
def test_words_never_hold_what_nut_drops(text: str) -> None:
    """Whatever the file holds: no end of line, nothing that is not ASCII, lines in order."""
    lines = lines_of(text)
    assert all("\n" not in word and word.isascii() for line in lines for word in line.texts)
    assert [line.number for line in lines] == sorted({line.number for line in lines})
