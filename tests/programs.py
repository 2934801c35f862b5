"""Programs that tests drive, and that not every machine has."""

import os

import pytest

from rig.nut import Nut
from rig.process import find_program


def need(*programs: str) -> None:
    """Skip where a program is missing, but not where everything must be tested."""
    for program in programs:
        _see(program, there=find_program(program) is not None)


def need_nut() -> None:
    """Skip where there is no NUT server or no driver for tests; both stand where no other program does."""
    _see("a NUT server with dummy-ups", there=Nut.installed())


def _see(what: str, *, there: bool) -> None:
    if there:
        return
    reason = f"{what} is not installed"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
