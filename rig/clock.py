"""A clock for real programs that is turned by hand: days go by for them while they run at their own pace."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
import mmap
from pathlib import Path
import subprocess
import time

from .process import find_program
from .waiting import RigError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: How long the programs' machine is up when the clock begins, for those who take zero for never.
_UP = timedelta(hours=1)


def _nanoseconds(span: timedelta) -> int:
    return span // timedelta(microseconds=1) * 1000


def _moment(nanoseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)


class Clock:
    """The time of programs that are started in its environment, and of whoever asks it.

    It goes as the machine's does, but stands still at its limit: however long a busy machine takes, what
    is due before the limit happens before it. A program that sleeps notices a turn when something wakes it.
    """

    def __init__(self, folder: Path, start: datetime, limit: timedelta) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._page = folder / "clock"
        self._library = folder / "clock.so"
        self._page.write_bytes(bytes(24))
        with self._page.open("r+b") as page:
            self._numbers = memoryview(mmap.mmap(page.fileno(), 24)).cast("q")
        self._numbers[2] = _nanoseconds(start - _UP - _EPOCH)
        self.turn(start, limit)
        self._build()

    def _build(self) -> None:
        """Make what turns the clock of a program."""
        compiler = find_program("cc")
        if compiler is None:
            raise RigError("There is no C compiler")
        source = Path(__file__).with_suffix(".c")
        options = ["-std=gnu17", "-O2", "-shared", "-fPIC"]
        made = subprocess.run(
            [compiler, *options, "-o", self._library, source, "-ldl"],
            check=False,
            capture_output=True,
            text=True,
        )
        if made.returncode:
            raise RigError(f"{source} does not compile:\n{made.stderr}")

    @property
    def environment(self) -> Mapping[str, str]:
        """Return what a program needs to live by this clock."""
        return {
            "LD_PRELOAD": str(self._library.resolve()),
            "INFOSCREEN_CLOCK": str(self._page.resolve()),
        }

    def now(self) -> datetime:
        """Return the time."""
        ahead, limit, _ = self._numbers
        return _moment(min(time.monotonic_ns() + ahead, limit))

    def turn(self, moment: datetime, limit: timedelta) -> None:
        """Turn the clock on to a moment, and let it run from there, so far."""
        if moment < self.now():
            raise RigError(f"{moment} is over: it is {self.now()}")
        # In this order: between the two the clock stands at its former limit.
        self._numbers[0] = _nanoseconds(moment - _EPOCH) - time.monotonic_ns()
        self._numbers[1] = _nanoseconds(moment + limit - _EPOCH)

    def run(self, span: timedelta) -> datetime:
        """Let the clock run on from where it is, so far; return where that is."""
        ahead, limit, _ = self._numbers
        machine = time.monotonic_ns()
        now = min(machine + ahead, limit)
        self._numbers[0] = now - machine
        self._numbers[1] = now + _nanoseconds(span)
        return _moment(now)

    def stop(self) -> datetime:
        """Let the clock stand still, and return where."""
        return self.run(timedelta())
