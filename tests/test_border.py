"""Hold the borders: what the model may know of the world, and that imports point down only."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
import sys

import pytest

PACKAGE = Path(__file__).parent.parent / "custom_components" / "infoscreen"
NAME = "custom_components.infoscreen"
ROOT = "__init__"

#: From the ground up; a module may import what stands before its own line. `model` has an inside of its own.
LAYERS = (
    {"model"},
    {"const"},
    {"entries", "errors", "settling"},
    {
        "alarm",
        "broker",
        "census",
        "content",
        "database",
        "devices",
        "feeds",
        "hardware",
        "issues",
        "pacing",
        "renames",
        "store",
        "switching",
        "texts",
    },
    {
        "academics",
        "addresses",
        "alerts",
        "certificates",
        "conversions",
        "coordinator",
        "history",
        "journal",
        "retained",
        "unreadable",
    },
    {"announcer", "groups", "ledger", "nut", "outcomes", "sender", "steps"},
    {"fleet"},
    {"access", "commander", "decisions", "duty", "holiday_calendars", "intents", "ladders", "media", "plugs"},
    {"climbs", "outage_news", "surroundings"},
    {"concerns", "scheduler"},
    {"power_plan"},
    {"power"},
    {"showings", "tvs"},
    {
        "command_alerts",
        "deserted",
        "failures",
        "limits",
        "logs",
        "mismatches",
        "recovery",
        "screen_alerts",
        "watch",
    },
    {"outage_deeds"},
    {"outages"},
    {"admission"},
    {"replacement"},
    {"listener"},
    {"screenshots"},
    {"runtime"},
    {"assembly", "entity", "exchange", "rights", "screenshot_view", "targets"},
    {"media_views", "ups"},
    {
        "binary_sensor",
        "button",
        "calendar",
        "event",
        "image",
        "media_player",
        "media_source",
        "notify",
        "select",
        "sensor",
        "switch",
    },
    {"form_fields"},
    {"option_fields", "ups_fields"},
    {"connection_form", "group_flow", "hardware_flow", "planning_flow"},
    {"options_flow", "ups_flow", "ups_options_flow"},
    {"backup", "config_flow", "diagnostics", "logbook", "repairs", "services", "system_health", "views"},
    {"websocket"},
    {ROOT},
)
HEIGHT = {module: height for height, layer in enumerate(LAYERS) for module in layer}

#: What the model may import beside the standard library and itself.
PURE = {"orjson", "dateutil"}
#: What in the standard library reaches out of the model, or makes it answer differently each time.
IMPURE = {
    "asyncio",
    "glob",
    "http",
    "io",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "platform",
    "random",
    "secrets",
    "shutil",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "time",
}
#: Names of clocks, dice and files, however they were imported.
OUTSIDE = {
    "fromtimestamp",
    "getnode",
    "input",
    "localtime",
    "monotonic",
    "now",
    "open",
    "perf_counter",
    "print",
    "random",
    "read_bytes",
    "read_text",
    "time_ns",
    "today",
    "urandom",
    "utcfromtimestamp",
    "utcnow",
    "uuid1",
    "uuid4",
    "write_bytes",
    "write_text",
}


@cache
def modules() -> dict[str, Path]:
    """Return every module by its name below the package: `store`, `model.fleet`; a folder is its root."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
        for path in PACKAGE.rglob("*.py")
    }


@cache
def tree(module: str) -> ast.Module:
    """Return what a module says."""
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


def imported(module: str) -> Iterator[str]:
    """Return what a module imports by full names, `TYPE_CHECKING` and functions included.

    `from x import y` is `x.y`: whether that is a module or a thing in one is for others to tell.
    """
    is_folder = modules()[module].stem == "__init__"
    here = [NAME] if module == ROOT else [NAME, *module.split(".")]
    package = here if is_folder else here[:-1]
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        if isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            source = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{source}.{name.name}" for name in node.names)


def own(name: str) -> str | None:
    """Return which module of ours a full name is of, None where it is of none; the root where of no other."""
    if name != NAME and not name.startswith(f"{NAME}."):
        return None
    parts = name.removeprefix(NAME).strip(".").split(".")
    longest = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((module for module in longest if module in modules()), ROOT)


@cache
def imports() -> dict[str, set[str]]:
    """Return which modules of ours each of ours imports."""
    return {
        module: {ours for name in imported(module) if (ours := own(name)) is not None} for module in modules()
    }


def layer(module: str) -> str:
    """Return what stands for a module in the layers."""
    return module.partition(".")[0]


OF_THE_MODEL = sorted(module for module in modules() if layer(module) == "model")


@pytest.mark.parametrize("module", OF_THE_MODEL)
def test_the_model_imports_nothing_of_the_world(module: str) -> None:
    """It runs without Home Assistant, in milliseconds, and can be read without knowing either."""
    names = {name.partition(".")[0] for name in imported(module) if own(name) is None}
    assert names - sys.stdlib_module_names - PURE == set()
    assert names & IMPURE == set()


@pytest.mark.parametrize("module", OF_THE_MODEL)
def test_the_model_imports_nothing_of_ours_but_itself(module: str) -> None:
    """What is above knows the model, never the other way round."""
    assert {ours for ours in imports()[module] if layer(ours) != "model"} == set()


@pytest.mark.parametrize("module", OF_THE_MODEL)
def test_the_model_has_no_clock_no_dice_and_no_files(module: str) -> None:
    """`now` and ids are arguments, so every test can choose them."""
    nodes = list(ast.walk(tree(module)))
    names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    parameters = {node.arg for node in nodes if isinstance(node, ast.arg)}
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    aliases = {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert (names - parameters | attributes | aliases) & OUTSIDE == set()


@pytest.mark.parametrize("module", OF_THE_MODEL)
def test_the_model_does_not_ask_where_the_machine_is(module: str) -> None:
    """`astimezone()` without a zone means the machine's own, which is nobody's in particular."""
    bare = [
        node.lineno
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "astimezone"
        and not node.args
        and not node.keywords
    ]
    assert bare == []


@pytest.mark.parametrize("module", OF_THE_MODEL)
def test_the_models_values_are_frozen(module: str) -> None:
    """State is handed on, never changed in the hands of others; named fields are never mistaken."""
    made = {
        node.name: {ast.unparse(keyword) for call in node.decorator_list for keyword in keywords(call)}
        for node in ast.walk(tree(module))
        if isinstance(node, ast.ClassDef) and "dataclass" in map(decorator, node.decorator_list)
    }
    assert {name for name, how in made.items() if not how >= {"frozen=True", "kw_only=True"}} == set()


def decorator(node: ast.expr) -> str:
    """Return a decorator's name."""
    return ast.unparse(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2]


def keywords(node: ast.expr) -> list[ast.keyword]:
    """Return a decorator's named arguments."""
    return node.keywords if isinstance(node, ast.Call) else []


def test_imports_go_round_in_no_circle() -> None:
    """`TYPE_CHECKING` included: a circle of types is a circle of thoughts."""
    try:
        TopologicalSorter(imports()).prepare()
    except CycleError as err:
        pytest.fail(" → ".join(err.args[1]), pytrace=False)


@pytest.mark.parametrize("module", sorted(modules()))
def test_nobody_imports_the_root(module: str) -> None:
    """It is the one place where the parts meet; what others need of it belongs into a part."""
    assert ROOT not in imports()[module]


@pytest.mark.parametrize("module", sorted(modules()))
def test_imports_point_down_only(module: str) -> None:
    """Which way is down is in LAYERS."""
    height = HEIGHT.get(layer(module), len(LAYERS))
    beside = {ours for ours in imports()[module] if layer(ours) != layer(module)}
    assert {ours for ours in beside if HEIGHT.get(layer(ours), -1) >= height} == set()


def test_every_module_has_its_place() -> None:
    """What is new is placed by somebody who thinks about it."""
    names = {layer(module) for module in modules()}
    missing, gone = sorted(names - HEIGHT.keys()), sorted(HEIGHT.keys() - names)
    assert missing == [], f"place {', '.join(missing)} in LAYERS, above all that it imports"
    assert gone == [], f"take {', '.join(gone)} out of LAYERS"
