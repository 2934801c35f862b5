"""Log lines and their counts as tables: written, read and pruned in the database's own thread."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, String, Table, Text, select, update

from ..database import METADATA
from ..model.logbook import COUNTED, DAY, Line
from ..model.messages import LogLevel

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

LINES: Final = Table(
    "log_lines",
    METADATA,
    Column("id", Integer, primary_key=True),  # in the order of receipt
    Column("screen", String, nullable=False),
    Column("received_at", BigInteger, nullable=False),  # microseconds since 1970
    Column("timestamp", BigInteger),
    Column("level", String, nullable=False),
    Column("message", Text, nullable=False),
    Column("context", Text),
    Index("log_lines_of_a_screen", "screen", "id"),
    Index("log_lines_by_age", "received_at"),
)
# Lines are bounded in number, the counts of a day are not: they have a table of their own.
COUNTS: Final = Table(
    "log_counts",
    METADATA,
    Column("screen", String, nullable=False),
    Column("level", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Index("log_counts_of_a_screen", "screen"),
    Index("log_counts_by_age", "at"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Which lines somebody wants, of each screen."""

    levels: Collection[LogLevel]
    since: datetime
    limit: int
    max_entries: int  # there are none beyond them, even if they are not deleted yet

    def wants(self, line: Line) -> bool:
        """Tell whether a line is one of them."""
        return line.level in self.levels and line.received_at >= self.since


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """How many lines of a level a screen logged at a moment."""

    screen: str
    level: LogLevel
    at: datetime
    number: int


def write(connection: Connection, lines: Collection[Line]) -> None:
    """Add lines, and count them."""
    if lines:
        connection.execute(LINES.insert(), [_row(line) for line in lines])
    if counts := list(_counted(lines)):
        connection.execute(COUNTS.insert(), counts)


def read(connection: Connection, screens: Iterable[str], question: Question) -> dict[str, list[Line]]:
    """Return the lines of each screen, newest first."""
    return {screen: list(_of_screen(connection, screen, question)) for screen in screens}


def counts(connection: Connection, now: datetime) -> list[Count]:
    """Return the counts of the last day, oldest first."""
    rows = connection.execute(select(COUNTS).where(COUNTS.c.at > _number(now - DAY)).order_by(COUNTS.c.at))
    return [
        Count(screen=row.screen, level=LogLevel(row.level), at=_moment(row.at), number=row.number)
        for row in rows
    ]


def erase(connection: Connection, screen: str) -> None:
    """Delete what a screen logged."""
    for table in (LINES, COUNTS):
        connection.execute(table.delete().where(table.c.screen == screen))


def move(connection: Connection, old: str, new: str) -> None:
    """Give what a screen logged to another."""
    for table in (LINES, COUNTS):
        connection.execute(update(table).where(table.c.screen == old).values(screen=new))


def prune(connection: Connection, screens: Iterable[str], max_entries: int) -> None:
    """Delete what some screens have logged beyond their bounds, oldest first."""
    for screen in screens:
        of_screen = LINES.c.screen == screen
        beyond = select(LINES.c.id).where(of_screen).order_by(LINES.c.id.desc()).offset(max_entries).limit(1)
        connection.execute(LINES.delete().where(of_screen, LINES.c.id <= beyond.scalar_subquery()))


def prune_all(connection: Connection, max_entries: int, oldest: datetime, now: datetime) -> None:
    """Delete all that is beyond the bounds of number and age."""
    connection.execute(LINES.delete().where(LINES.c.received_at < _number(oldest)))
    connection.execute(COUNTS.delete().where(COUNTS.c.at <= _number(now - DAY)))
    prune(connection, connection.execute(select(LINES.c.screen).distinct()).scalars().all(), max_entries)


def _of_screen(connection: Connection, screen: str, question: Question) -> Iterator[Line]:
    kept = LINES.select().where(LINES.c.screen == screen).order_by(LINES.c.id.desc())
    newest = kept.limit(question.max_entries).subquery()
    wanted = select(newest).where(
        newest.c.level.in_(question.levels), newest.c.received_at >= _number(question.since)
    )
    for row in connection.execute(wanted.order_by(newest.c.id.desc()).limit(question.limit)):
        yield Line(
            screen=screen,
            received_at=_moment(row.received_at),
            timestamp=None if row.timestamp is None else _moment(row.timestamp),
            level=LogLevel(row.level),
            message=row.message,
            context=row.context,
        )


def _row(line: Line) -> dict[str, Any]:
    return {
        "screen": line.screen,
        "received_at": _number(line.received_at),
        "timestamp": None if line.timestamp is None else _number(line.timestamp),
        "level": line.level,
        "message": line.message,
        "context": line.context,
    }


def _counted(lines: Iterable[Line]) -> Iterator[dict[str, Any]]:
    """Count the lines that count, those of one second at the moment of the first."""
    runs: dict[tuple[str, LogLevel, datetime], list[datetime]] = {}
    for line in lines:
        if line.level in COUNTED:
            second = line.received_at.replace(microsecond=0)
            runs.setdefault((line.screen, line.level, second), []).append(line.received_at)
    for (screen, level, _), moments in runs.items():
        yield {"screen": screen, "level": level, "at": _number(moments[0]), "number": len(moments)}


def _number(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(number: int) -> datetime:
    return _EPOCH + timedelta(microseconds=number)
