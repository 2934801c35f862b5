"""Real programs for the end-to-end tests: one Home Assistant, one broker and one fleet for each test module.

The guards of the unit tests (no sockets, no thread or task left behind, a loop for each test) are Home
Assistant's own and fit a program inside the test. Here the programs are outside, and live longer than a
test: in this folder, and only here, all tests of a module share a loop, and sockets lead to 127.0.0.1.
"""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
import pytest_asyncio
import pytest_socket

from rig.api import DOMAIN
from rig.broker import Mosquitto
from rig.browser import Browser
from rig.fleet import add_fleet, add_mqtt
from rig.hass import Hass
from rig.tap import Tap

from ..programs import need

LIMIT = 300  # seconds for one test, the start of its module's programs included


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Mark every module of this folder: slow, patient, one loop for all its tests."""
    if isinstance(collector, pytest.Module):
        collector.add_marker(pytest.mark.e2e)
        collector.add_marker(pytest.mark.timeout(LIMIT))
        collector.add_marker(pytest.mark.asyncio(loop_scope="module"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of Home Assistant's log with a failure."""
    report = yield
    home = item.funcargs.get("home") if isinstance(item, pytest.Function) else None
    if report.failed and isinstance(home, Hass):
        report.sections.append(("the end of Home Assistant's log", home.process.tail(60)))
    return report


@pytest.fixture
def verify_cleanup() -> None:
    """Do without the check for what a test leaves behind: the module's programs are meant to stay."""


@pytest.fixture
def configure_event_loop() -> None:
    """Leave the module's loop as it is."""


@pytest.fixture
def enable_event_loop_debug() -> None:
    """Leave the module's loop as it is."""


@pytest.fixture
def enable_custom_integrations() -> None:
    """Start no Home Assistant inside the test."""


@pytest.fixture(scope="module", autouse=True)
def sockets_for_the_module() -> None:
    """Let the module's fixtures open sockets; before each test they are forbidden anew."""
    pytest_socket.enable_socket()


@pytest.fixture(autouse=True)
def sockets_for_the_test(socket_enabled: None) -> None:
    """Let each test open sockets."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Mosquitto]:
    """Run a Mosquitto."""
    need("mosquitto")
    async with Mosquitto(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture(scope="module")
def yaml() -> str:
    """Return what Home Assistant's configuration says beside the usual; modules override this."""
    return ""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(
    tmp_path_factory: pytest.TempPathFactory, broker: Mosquitto, yaml: str
) -> AsyncGenerator[Hass]:
    """Run a Home Assistant that is connected to the broker."""
    async with Hass(tmp_path_factory.mktemp("home"), yaml=yaml) as home:
        await add_mqtt(home.api, broker)
        yield home


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fleet(home: Hass) -> str:
    """Set up our integration and return the id of its config entry."""
    return await add_fleet(home.api)


@pytest_asyncio.fixture(loop_scope="module")
async def tap(broker: Mosquitto) -> AsyncGenerator[Tap]:
    """Hear everything that passes over the broker, and speak there."""
    async with Tap(broker) as tap:
        yield tap


@pytest_asyncio.fixture(loop_scope="module")
async def browser(home: Hass, tmp_path: Path) -> AsyncGenerator[Browser]:
    """Open a browser in which Home Assistant's owner is logged in."""
    need("chromium")
    async with Browser(home, tmp_path) as browser:
        yield browser


@pytest.fixture
def expected_problems() -> tuple[str, ...]:
    """Return patterns of log records that a test provokes; parametrize to allow some."""
    return ()


@pytest.fixture(autouse=True)
def log_stays_clean(request: pytest.FixtureRequest, expected_problems: tuple[str, ...]) -> Generator[None]:
    """Fail a test during which our integration does something wrong by Home Assistant's log."""
    if "home" not in request.fixturenames:
        yield
        return
    home: Hass = request.getfixturevalue("home")
    mark = home.log.mark()
    yield
    home.log.check(DOMAIN, since=mark, expected=expected_problems)
