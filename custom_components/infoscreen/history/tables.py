"""Commands and their stages as tables: written, read and pruned in the database's own thread."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert

from ..database import METADATA
from ..model.commands import Command
from ..model.lifecycle import Action, State
from ..model.messages import Ack, AckStatus
from ..model.past import Past, Stage

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

COMMANDS: Final = Table(
    "commands",
    METADATA,
    Column("id", Integer, primary_key=True),  # in the order in which they were asked for
    Column("command_id", String, nullable=False, unique=True),
    Column("screen", String, nullable=False),
    Column("uuid", String, nullable=False),  # as the screen spelled it
    Column("action", String, nullable=False),
    Column("reason", Text),
    Column("user", String),
    Column("state", String, nullable=False),
    Column("since", BigInteger, nullable=False),  # microseconds since 1970
    Column("issued_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("published_at", BigInteger),
    Column("error_code", String),
    Column("error_message", Text),
    Index("commands_of_a_screen", "screen", "id"),
    Index("commands_by_age", "issued_at"),
)
STAGES: Final = Table(
    "command_stages",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("command_id", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("heard", String, nullable=False),  # empty where a state was reached
    Column("error_code", String),
    Column("error_message", Text),
    # Clients acknowledge twice; what was noted before a restart may be noted again after it.
    UniqueConstraint("command_id", "state", "late", "heard"),
)


def note(connection: Connection, command: Command, at: datetime) -> None:
    """Note how a command stands, and since when."""
    row = {
        "screen": command.uuid.lower(),
        "uuid": command.uuid,
        "action": command.action,
        "reason": command.reason,
        "user": command.user,
        "issued_at": _number(command.issued_at),
        "expires_at": _number(command.expires_at),
    }
    changing = {
        "state": command.state,
        "since": _number(command.since),
        "published_at": None if command.published_at is None else _number(command.published_at),
        "error_code": command.error_code,
        "error_message": command.error_message,
    }
    new = insert(COMMANDS).values(command_id=command.command_id, **row, **changing)
    connection.execute(new.on_conflict_do_update(index_elements=["command_id"], set_=changing))
    stage = Stage(
        at=at,
        state=command.state,
        late=command.late,
        error_code=command.error_code,
        error_message=command.error_message,
    )
    _add(connection, command.command_id, stage)


def hear(connection: Connection, screen: str, ack: Ack, at: datetime) -> None:
    """Note what a screen says of a command of its own that is over; of any other, nothing."""
    its = (COMMANDS.c.command_id == ack.command_id) & (COMMANDS.c.screen == screen)
    state = connection.execute(select(COMMANDS.c.state).where(its)).scalar()
    if state is not None:
        stage = Stage(
            at=at,
            state=State(state),
            heard=ack.status,
            error_code=ack.error_code,
            error_message=ack.error_message,
        )
        _add(connection, ack.command_id, stage)


def _add(connection: Connection, command_id: str, stage: Stage) -> None:
    row = {
        "command_id": command_id,
        "at": _number(stage.at),
        "state": stage.state,
        "late": stage.late,
        "heard": stage.heard or "",
        "error_code": stage.error_code,
        "error_message": stage.error_message,
    }
    connection.execute(insert(STAGES).values(row).on_conflict_do_nothing())


def knows(connection: Connection, command_id: str) -> bool:
    """Tell whether there was such a command."""
    return (
        connection.execute(select(COMMANDS.c.id).where(COMMANDS.c.command_id == command_id)).first()
        is not None
    )


def read(
    connection: Connection, screens: Collection[str], limit: int, since: datetime
) -> dict[str, list[Past]]:
    """Return each screen's commands since then, newest first."""
    return {screen: list(_of_screen(connection, screen, limit, since)) for screen in screens}


def _of_screen(connection: Connection, screen: str, limit: int, since: datetime) -> Iterator[Past]:
    wanted = select(COMMANDS).where(COMMANDS.c.screen == screen, COMMANDS.c.issued_at >= _number(since))
    rows = connection.execute(wanted.order_by(COMMANDS.c.id.desc()).limit(limit)).all()
    stages: dict[str, list[Stage]] = {row.command_id: [] for row in rows}
    for row in connection.execute(
        select(STAGES).where(STAGES.c.command_id.in_(stages)).order_by(STAGES.c.id)
    ):
        stages[row.command_id].append(_stage(row))
    for row in rows:
        yield Past(command=_command(row), stages=tuple(stages[row.command_id]))


def move(connection: Connection, old: str, new: str) -> None:
    """Give a screen's commands to another."""
    connection.execute(update(COMMANDS).where(COMMANDS.c.screen == old).values(screen=new))


def erase(connection: Connection, screen: str) -> None:
    """Delete a screen's commands."""
    connection.execute(COMMANDS.delete().where(COMMANDS.c.screen == screen))
    _erase_orphans(connection)


def prune(connection: Connection, oldest: datetime) -> None:
    """Delete what is too old."""
    connection.execute(COMMANDS.delete().where(COMMANDS.c.issued_at < _number(oldest)))
    _erase_orphans(connection)


def _erase_orphans(connection: Connection) -> None:
    connection.execute(STAGES.delete().where(STAGES.c.command_id.not_in(select(COMMANDS.c.command_id))))


def _command(row: Row[Any]) -> Command:
    return Command(
        command_id=row.command_id,
        uuid=row.uuid,
        action=Action(row.action),
        issued_at=_moment(row.issued_at),
        expires_at=_moment(row.expires_at),
        since=_moment(row.since),
        state=State(row.state),
        reason=row.reason,
        user=row.user,
        error_code=row.error_code,
        error_message=row.error_message,
        published_at=None if row.published_at is None else _moment(row.published_at),
    )


def _stage(row: Row[Any]) -> Stage:
    return Stage(
        at=_moment(row.at),
        state=State(row.state),
        late=row.late,
        heard=AckStatus(row.heard) if row.heard else None,
        error_code=row.error_code,
        error_message=row.error_message,
    )


def _number(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(number: int) -> datetime:
    return _EPOCH + timedelta(microseconds=number)
