"""Measures ours beside Home Assistant's own MQTT entities and a subscriber that does nothing, in one run."""

import argparse
import asyncio
from pathlib import Path
import sys
import tempfile
import time

from rig.broker import Mosquitto
from rig.waiting import RigError

from .plan import FULL, QUICK
from .run import MESSAGE, Figure, Run
from .table import table


def _options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="script/benchmark", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a first impression of a message's cost alone")
    parser.add_argument("--only", choices=list(Figure), action="append", help="measure this figure alone")
    parser.add_argument("--keep", type=Path, help="work in this new folder and leave it there")
    return parser.parse_args()


def main() -> int:
    """Measure, print the table and return the exit code."""
    options = _options()
    if not Mosquitto.installed():
        print("benchmark: Mosquitto is not installed", file=sys.stderr)
        return 1
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {text}", file=sys.stderr, flush=True)

    figures = frozenset(map(Figure, options.only or (MESSAGE if options.quick else Figure)))
    with tempfile.TemporaryDirectory(prefix="benchmark-") as temporary:
        folder = options.keep or Path(temporary)
        try:
            samples = asyncio.run(Run(QUICK if options.quick else FULL, figures, folder, say).run())
        except RigError as error:
            print(f"benchmark: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130
    print(table(samples))
    return 0


if __name__ == "__main__":
    sys.exit(main())
