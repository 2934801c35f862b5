"""The PDFs of one fleet, in a folder that is nobody else's: `<sha256>.pdf`, or why there is none.

Everything here waits for the disk: it is called in the executor.
"""

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
import errno
import hashlib
import os
from pathlib import Path
import re
import shutil
from tempfile import NamedTemporaryFile
from typing import IO, Final

from homeassistant.helpers.json import json_bytes
from homeassistant.util.file import write_utf8_file_atomic
from homeassistant.util.json import json_loads_object

from ..const import DOMAIN, MIN_FREE
from ..model.conversions import Conversion, Failure, State, Trouble, pdf_failure

_PDF: Final = re.compile(r"(?P<sha256>[0-9a-f]{64})\.pdf")
_FAILED: Final = re.compile(r"(?P<sha256>[0-9a-f]{64})\.failed\.json")
# Every reader looks for the end of a PDF in its last kilobyte.
_END: Final = 1024


class ChangedError(Exception):
    """The office file is gone, or another one is in its place."""


class BrokenError(Exception):
    """What came is not the PDF that was asked for."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.trouble)
        self.failure = failure


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """The open files of a conversion that has begun."""

    conversion: Conversion
    source: IO[bytes]
    pdf: IO[bytes]


class ConvertedFiles:
    """One fleet's folder of PDFs."""

    def __init__(self, config_dir: str, entry_id: str) -> None:
        self._folder = Path(config_dir, DOMAIN, "conversions", entry_id)

    def path(self, sha256: str) -> Path:
        """Return where the PDF of an office file is, once it is there."""
        return self._folder / f"{sha256}.pdf"

    def load(self, server: str | None) -> list[Conversion]:
        """Return what came to an end before, but for what another server said; clear away the rest."""
        return list(self._found(server)) if self._folder.is_dir() else []

    def _found(self, server: str | None) -> Iterator[Conversion]:
        for path in self._folder.iterdir():
            if (match := _PDF.fullmatch(path.name)) and path.is_file():
                yield Conversion(sha256=match["sha256"], path="", state=State.READY)
            elif (match := _FAILED.fullmatch(path.name)) and (failed := _read(path, match["sha256"], server)):
                yield failed
            elif path.is_file():
                with suppress(OSError):  # a disk that lets nothing be deleted still has PDFs
                    path.unlink()

    def begin(self, conversion: Conversion) -> Work:
        """Open what is read and what is written; raise ChangedError or OSError."""
        self._make_room()
        with ExitStack() as opened:
            try:
                source = opened.enter_context(Path(conversion.path).open("rb"))
            except FileNotFoundError as err:
                raise ChangedError from err
            pdf = NamedTemporaryFile(dir=self._folder, suffix=".part", delete=False)  # noqa: SIM115
            opened.pop_all()
        return Work(conversion=conversion, source=source, pdf=pdf)

    def _make_room(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free < MIN_FREE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def keep(self, work: Work, *, is_whole: bool) -> None:
        """Keep a PDF that is one, of the right file; raise BrokenError, ChangedError or OSError."""
        sha256, pdf = work.conversion.sha256, work.pdf
        size = pdf.seek(0, os.SEEK_END)
        pdf.seek(max(0, size - _END))
        end = pdf.read()
        pdf.seek(0)
        if failure := pdf_failure(pdf.read(_END), end, is_whole=is_whole):
            raise BrokenError(failure)
        if _digest(Path(work.conversion.path)) != sha256:
            raise ChangedError
        os.fsync(pdf.fileno())
        Path(pdf.name).replace(self.path(sha256))
        self._failed(sha256).unlink(missing_ok=True)

    @staticmethod
    def end(work: Work) -> None:
        """Let go of what was begun; what was not kept is gone."""
        work.source.close()
        with suppress(OSError):  # what the disk had no room for
            work.pdf.close()
        Path(work.pdf.name).unlink(missing_ok=True)

    def note(self, sha256: str, path: str, failure: Failure, server: str) -> None:
        """Remember that a conversion failed; raise WriteError or OSError."""
        record = {"path": path, "server": server, "trouble": failure.trouble, "detail": failure.detail}
        self._folder.mkdir(parents=True, exist_ok=True)
        write_utf8_file_atomic(str(self._failed(sha256)), json_bytes(record), private=True, mode="wb")

    def forget(self, sha256: str) -> None:
        """Delete what is kept of an office file."""
        self.path(sha256).unlink(missing_ok=True)
        self._failed(sha256).unlink(missing_ok=True)

    def remove(self) -> None:
        """Delete the fleet's folder."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _failed(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.failed.json"


def _read(path: Path, sha256: str, server: str | None) -> Conversion | None:
    """Return a failed conversion as it was noted, None if that says nothing any more."""
    try:
        record = json_loads_object(path.read_bytes())
        failure = Failure(trouble=Trouble(str(record["trouble"])), detail=str(record["detail"]))
        source, is_same = str(record["path"]), record["server"] == server
    except KeyError, ValueError, OSError:
        return None
    if not is_same or not Path(source).is_file():
        return None
    return Conversion(sha256=sha256, path=source, state=State.FAILED, failure=failure)


def _digest(path: Path) -> str:
    """Return what a file is known by; raise ChangedError if it is gone."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as err:
        raise ChangedError from err
