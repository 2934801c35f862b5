"""The folder of media that all fleets share, below Home Assistant's configuration.

Everything here waits for the disk: it is called in the executor. What is on its way in is in a folder
beside it, so that nothing half-written is ever seen; where that is another disk, it is copied out of sight.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
import errno
from io import BufferedReader
import os
from pathlib import Path
import shutil
from stat import S_ISREG
import tempfile
from typing import IO, Final

from ..const import DOMAIN, MIN_FREE
from ..model.media.kinds import HEAD, Kind, kind_by_name, kind_of
from ..model.media.names import are_plain, is_plain

PREFIX: Final = f"media-source://{DOMAIN}/media/"


class NoMediumError(Exception):
    """What begins so is no media, or something else than its name says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a file is, and the folder that it has to be in once all links are followed."""

    path: Path
    root: Path
    called: str | None = None
    """Its name where that on the disk does not tell what it is."""

    @property
    def name(self) -> str:
        """Return what the file is called."""
        return self.called or self.path.name

    def open(self) -> BufferedReader:
        """Open the file; raise OSError if it is none, or is somewhere else."""
        path = self._real()
        opened = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
        if not S_ISREG(os.fstat(opened.fileno()).st_mode):
            opened.close()
            raise FileNotFoundError(path)
        return opened

    def stat(self) -> os.stat_result | None:
        """Return what the disk knows of the file, None if there is none."""
        try:
            found = self._real().stat()
        except OSError:
            return None
        return found if S_ISREG(found.st_mode) else None

    def is_folder(self) -> bool:
        """Tell whether there is a folder instead of a file."""
        try:
            return self._real().is_dir()
        except OSError:
            return False

    def _real(self) -> Path:
        """Return where it is without any link on the way there."""
        path = self.path.resolve(strict=True)
        if not path.is_relative_to(self.root.resolve(strict=True)):
            raise FileNotFoundError(self.path)
        return path


def read_kind(name: str, opened: BufferedReader) -> Kind:
    """Return what a file is; raise NoMediumError."""
    kind = kind_of(name, opened.read(HEAD))
    opened.seek(0)
    if kind is None:
        raise NoMediumError
    return kind


class MediaFolder:
    """The folder, and the one beside it."""

    def __init__(self, config_dir: str) -> None:
        self._folder = Path(config_dir, DOMAIN, "media")
        self._arriving = Path(config_dir, DOMAIN, "arriving")
        self._crossing = self._folder / ".arriving"  # on the disk of the folder, which may be another one

    def place(self, names: Sequence[str]) -> Place | None:
        """Return where a file is by its name and those of the folders it is in; None for what is no name."""
        if not are_plain(names):
            return None
        return Place(path=self._folder.joinpath(*names), root=self._folder)

    def list(self, names: Sequence[str]) -> list[tuple[str, Kind | None]] | None:
        """Return what is in a folder, by name: other folders (None) and media; None if none can be read."""
        place = Place(path=self._folder, root=self._folder) if not names else self.place(names)
        try:
            shown = [*self._shown(place.path)] if place and place.is_folder() else None
        except OSError:
            shown = None
        if shown is None:
            return None if names else []
        return sorted(shown, key=lambda each: (each[1] is not None, each[0].casefold()))

    def _shown(self, folder: Path) -> Iterator[tuple[str, Kind | None]]:
        for path in folder.iterdir():
            place = Place(path=path, root=self._folder)
            if not is_plain(path.name):
                continue
            if place.is_folder():
                yield path.name, None
            elif (kind := kind_by_name(path.name)) and place.stat():
                yield path.name, kind

    # What arrives

    def clear(self) -> None:
        """Clear away what a power cut left half-written."""
        for folder in (self._arriving, self._crossing):
            shutil.rmtree(folder, ignore_errors=True)

    def has_room(self) -> bool:
        """Tell whether anything may be written."""
        return all(_free(folder) >= MIN_FREE for folder in (self._arriving, self._folder))

    def holds(self, name: str) -> bool:
        """Tell whether there is something by a name."""
        return os.path.lexists(self._folder / name)

    def begin(self) -> IO[bytes]:
        """Open a file for what arrives; it has its name on the disk, and is nobody's yet."""
        self._arriving.mkdir(parents=True, exist_ok=True)
        return tempfile.NamedTemporaryFile(dir=self._arriving, delete=False)

    def drop(self, arriving: IO[bytes]) -> None:
        """Let go of what has arrived and was not kept."""
        with suppress(OSError):
            arriving.close()
        Path(arriving.name).unlink(missing_ok=True)

    def keep(self, arriving: IO[bytes], name: str, *, replace: bool) -> None:
        """Give what has arrived its name, whole and on the disk; raise FileExistsError or NoMediumError."""
        arriving.flush()
        with Path(arriving.name).open("rb") as opened:
            read_kind(name, opened)
        os.fsync(arriving.fileno())
        self._make()
        if self.holds(name) and not (replace and (self._folder / name).is_file()):
            raise FileExistsError(name)
        Path(arriving.name).chmod(0o644)  # as if it had been copied there
        try:
            Path(arriving.name).replace(self._folder / name)
        except OSError as err:
            if err.errno != errno.EXDEV:
                raise
            self._copy(Path(arriving.name), name)

    def _make(self) -> None:
        """Make the folder, if there is none; raise OSError, but not for a name that is taken."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError as err:  # a link, say to a disk that is away
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), f"{self._folder}") from err

    def _copy(self, arrived: Path, name: str) -> None:
        """Bring what has arrived over to another disk, and give it its name there once it is whole."""
        self._crossing.mkdir(exist_ok=True)
        copy = self._crossing / arrived.name
        try:
            shutil.copyfile(arrived, copy)
            copy.chmod(0o644)
            with copy.open("rb") as whole:
                os.fsync(whole.fileno())
            copy.replace(self._folder / name)
        finally:
            copy.unlink(missing_ok=True)
            with suppress(OSError):  # something else is on its way
                self._crossing.rmdir()


def _free(folder: Path) -> int:
    """Return how much room the disk has that a folder is on, or will be."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return shutil.disk_usage(there).free
