"""Office files on their way to PDFs: whose turn it is, and what becomes of those that fail."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

# Fine points, "Content"; the pauses let a server start anew, on the machine that starts with us too.
BACK_OFF: Final = (timedelta(seconds=10), timedelta(minutes=1))
# A server that is away says nothing of the file: it is looked for as long as the file is wanted.
LOOK_AGAIN: Final = timedelta(hours=1)
MAX_DETAIL: Final = 300
_MAX_NAME: Final = 100
# From this status on, HTTP means the server's own fault.
_SERVER_ERROR: Final = 500


class State(StrEnum):
    """How far a conversion is."""

    PENDING = "pending"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class Trouble(StrEnum):
    """Why a conversion failed."""

    REFUSED = "refused"
    SERVER_FAILED = "server_failed"
    UNREACHABLE = "unreachable"
    CUT_OFF = "cut_off"
    TOO_SLOW = "too_slow"
    NO_PDF = "no_pdf"
    TOO_LARGE = "too_large"
    NOT_KEPT = "not_kept"


#: What the next try may be spared. The others are the server's last word on the file.
_PASSING: Final = frozenset(
    [Trouble.SERVER_FAILED, Trouble.UNREACHABLE, Trouble.CUT_OFF, Trouble.TOO_SLOW, Trouble.NOT_KEPT]
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Why a conversion failed, with the words of whoever said so."""

    trouble: Trouble
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversion:
    """One file on its way, known by its content."""

    sha256: str
    path: str
    state: State = State.PENDING
    due: datetime | None = None
    """From when on it is its turn; None while it is not waiting."""
    tries: int = 0
    failure: Failure | None = None
    """The last one, until it is ready."""

    @property
    def name(self) -> str:
        """Return what people call the file."""
        return self.path.rpartition("/")[2]

    def begun(self) -> Conversion:
        """Return it while the server has it."""
        return replace(self, state=State.PROCESSING, due=None, tries=self.tries + 1)

    def ready(self) -> Conversion:
        """Return it with its PDF there."""
        return replace(self, state=State.READY, due=None, failure=None)

    def failed(self, failure: Failure, now: datetime) -> Conversion:
        """Return it after a try that came to nothing: it is tried again if that may help."""
        if failure.trouble in _PASSING and self.tries <= len(BACK_OFF):
            due = now + BACK_OFF[self.tries - 1]
            return replace(self, state=State.PENDING, due=due, failure=failure)
        is_away = failure.trouble is Trouble.UNREACHABLE
        return replace(self, state=State.FAILED, due=now + LOOK_AGAIN if is_away else None, failure=failure)

    def again(self, now: datetime) -> Conversion:
        """Return it as if it had never been tried, its last failure apart."""
        return replace(self, state=State.PENDING, due=now, tries=0)

    def taken_up(self, now: datetime) -> Conversion:
        """Return it after a restart: only a server that was away may have changed its mind."""
        away = self.failure is not None and self.failure.trouble is Trouble.UNREACHABLE
        return self.again(now) if away else self

    def reachable(self, now: datetime) -> Conversion:
        """Return it once the server has answered for another: its own turn need not wait any longer."""
        if self.due is None or self.failure is None or self.failure.trouble is not Trouble.UNREACHABLE:
            return self
        return replace(self, due=min(self.due, now))


def next_up(conversions: Iterable[Conversion], now: datetime) -> Conversion | None:
    """Return whose turn it is: the one that waits longest."""
    waiting = ((each.due, each) for each in conversions if each.due is not None and each.due <= now)
    return min(waiting, key=lambda each: each[0], default=(now, None))[1]


def next_due(conversions: Iterable[Conversion]) -> datetime | None:
    """Return when it is the next one's turn, None while nothing waits."""
    return min((each.due for each in conversions if each.due is not None), default=None)


def answer_failure(status: int, text: str) -> Failure:
    """Return what an answer says that is none but an error."""
    trouble = Trouble.SERVER_FAILED if status >= _SERVER_ERROR else Trouble.REFUSED
    return Failure(trouble=trouble, detail=shortened(f"{status}: {text}" if text.strip() else f"{status}"))


def shortened(text: str) -> str:
    """Return a text of somebody else's on one line, in bounds."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= MAX_DETAIL else f"{line[: MAX_DETAIL - 1]}…"


def pdf_failure(beginning: bytes, end: bytes, *, is_whole: bool) -> Failure | None:
    """Return what is wrong with a PDF by its two ends; the second says whether it is whole if nobody else."""
    if not beginning.startswith(b"%PDF-"):
        return Failure(trouble=Trouble.NO_PDF)
    return None if is_whole or b"%%EOF" in end else Failure(trouble=Trouble.CUT_OFF)


def sent_name(name: str) -> str:
    """Return the name under which a file is sent: its own, as far as a header can hold it.

    The server tells the kind of file by its ending.
    """
    plain = "".join(each if each.isprintable() and each not in '"/\\' else "_" for each in name)
    stem, dot, ending = plain.rpartition(".")
    return f"{stem[:_MAX_NAME]}{dot}{ending}"
