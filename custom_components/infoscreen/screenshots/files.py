"""The files of one fleet's screenshots: a folder for each screen, names that say all that is known.

Everything here waits for the disk: it is called in the executor.
"""

from collections.abc import Iterable
from pathlib import Path
import shutil

from homeassistant.util.file import write_utf8_file_atomic

from ..const import DOMAIN, MIN_FREE
from ..model.album import Album, Kept
from ..model.topics import is_uuid


class DiskLowError(Exception):
    """So little of the disk is free that nothing is written."""


class ScreenshotFiles:
    """One fleet's folder, which is nobody else's."""

    def __init__(self, config_dir: str, entry_id: str) -> None:
        self._folder = Path(config_dir, DOMAIN, "screenshots", entry_id)

    def path(self, key: str, kept: Kept) -> Path:
        """Return where a screenshot is."""
        return self._folder / key / kept.name

    def load(self) -> dict[str, Album]:
        """Return what is there, and clear away what a power cut left half-written."""
        if not self._folder.is_dir():
            return {}
        folders = (folder for folder in self._folder.iterdir() if is_uuid(folder.name) and folder.is_dir())
        return {folder.name: Album.of(_found(folder)) for folder in folders}

    def check_disk(self) -> None:
        """Raise DiskLowError if nothing may be written."""
        there = next(folder for folder in (self._folder, *self._folder.parents) if folder.exists())
        if shutil.disk_usage(there).free < MIN_FREE:
            raise DiskLowError

    def write(self, key: str, kept: Kept, picture: bytes) -> None:
        """Write a screenshot whole or not at all; raise DiskLowError or WriteError."""
        self.check_disk()
        path = self.path(key, kept)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_utf8_file_atomic(str(path), picture, private=True, mode="wb")

    def delete(self, key: str, gone: Iterable[Kept]) -> None:
        """Delete screenshots of a screen."""
        for kept in gone:
            self.path(key, kept).unlink(missing_ok=True)

    def move(self, new_key: str, moves: Iterable[tuple[Kept, tuple[str, Kept]]]) -> None:
        """Give screenshots to another screen; for each what it becomes, and whose it was."""
        (self._folder / new_key).mkdir(parents=True, exist_ok=True)
        for now, (key, before) in moves:
            self.path(key, before).replace(self.path(new_key, now))

    def forget(self, *keys: str) -> None:
        """Delete the folders of screens."""
        for key in keys:
            shutil.rmtree(self._folder / key, ignore_errors=True)

    def remove(self) -> None:
        """Delete the fleet's folder."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _found(folder: Path) -> Iterable[Kept]:
    """Return a screen's screenshots; the folder is ours, and what is none of them is a remnant."""
    for path in folder.iterdir():
        kept = Kept.from_name(path.name, path.stat().st_size)
        if kept is not None:
            yield kept
        elif path.is_file():
            path.unlink()
