"""Run a fleet of simulated screens until interrupted: python -m simulator --screens 6 --fault crashed@2."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
import asyncio
import logging
from pathlib import Path
import signal

from .fleet import Fleet
from .state import Fault

_LOGGER = logging.getLogger("simulator")


def main() -> None:
    """Read the command line and run the fleet."""
    parser = _parser()
    options = parser.parse_args()
    for _, number in options.fault:
        if not 1 <= number <= options.screens:
            parser.error(f"There is no screen {number}: choose one from 1 to {options.screens}")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    asyncio.run(_run(options))


def _parser() -> ArgumentParser:
    """Describe the command line."""
    parser = ArgumentParser(
        prog="simulator", description="Run simulated info screens against an MQTT broker."
    )
    parser.add_argument("--host", default="127.0.0.1", help="the broker's host (%(default)s)")
    parser.add_argument("--port", type=int, default=1883, help="the broker's port (%(default)s)")
    parser.add_argument("--username", help="a user of the broker")
    parser.add_argument("--password", help="the user's password")
    parser.add_argument("--prefix", default="infoscreen", help="the fleet's topic prefix (%(default)s)")
    parser.add_argument("--screens", type=int, default=6, help="how many screens (%(default)s)")
    parser.add_argument("--seed", default="infoscreen", help="what uuids, names and addresses come from")
    parser.add_argument(
        "--speed", type=_speed, default=1, help="how many times as fast as life (%(default)s)"
    )
    parser.add_argument("--state", type=Path, help="a folder for what the screens must remember")
    parser.add_argument(
        "--fault",
        type=_fault,
        action="append",
        default=[],
        metavar="NAME@NUMBER",
        help=f"begin with a fault of a screen, numbered from 1; repeatable; one of {', '.join(Fault)}",
    )
    return parser


def _speed(text: str) -> float:
    """Read a speed."""
    speed = float(text)
    if not 0 < speed < float("inf"):
        raise ArgumentTypeError("The speed must be more than 0")
    return speed


def _fault(text: str) -> tuple[Fault, int]:
    """Read a fault and the number of the screen it befalls."""
    name, _, number = text.partition("@")
    try:
        return Fault(name), int(number)
    except ValueError as err:
        raise ArgumentTypeError(f"{text!r} is not NAME@NUMBER; the names are {', '.join(Fault)}") from err


async def _run(options: Namespace) -> None:
    """Run the fleet until a signal comes."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    fleet = Fleet(
        options.screens,
        seed=options.seed,
        host=options.host,
        port=options.port,
        prefix=options.prefix,
        username=options.username,
        password=options.password,
        speed=options.speed,
        state_dir=options.state,
    )
    for fault, number in options.fault:
        fleet[number - 1].fault(fault)
    async with fleet:
        for screen in fleet:
            _LOGGER.info("%s %s", screen.identity.hostname, screen.identity.uuid)
        await stop.wait()


if __name__ == "__main__":
    main()
