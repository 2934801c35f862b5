"""Hold the texts: every language has all that the code says, and nothing that nobody says any more."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
import json
from pathlib import Path
import re
from string import Formatter
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

from homeassistant.config_entries import ConfigFlow, ConfigSubentryFlow, OptionsFlow
from homeassistant.const import Platform
from homeassistant.util.yaml import load_yaml_dict
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.infoscreen.certificates import _ENDS
from custom_components.infoscreen.config_flow import InfoscreenConfigFlow
from custom_components.infoscreen.media.repairs import FILLED_WITH
from custom_components.infoscreen.model.alerts import Kind
from custom_components.infoscreen.model.conversions import State, Trouble
from custom_components.infoscreen.model.fleet import UNASSIGNED
from custom_components.infoscreen.model.messages import Capture
from custom_components.infoscreen.model.policy.steps import Deed
from custom_components.infoscreen.model.recovery import Rung
from custom_components.infoscreen.model.sight import Cause
from custom_components.infoscreen.nut.client import Login
from custom_components.infoscreen.nut.troubles import DATA_STALE, DRIVER_NOT_CONNECTED, FSD_LATCHED
from custom_components.infoscreen.option_fields import OPTIONS
from custom_components.infoscreen.options_flow import BLOCKED_SCREENS

PACKAGE = Path(__file__).parent.parent / "custom_components" / "infoscreen"
NAME = "custom_components.infoscreen"
LANGUAGES = sorted(path.stem for path in (PACKAGE / "translations").glob("*.json"))


@cache
def texts(language: str) -> dict[str, str]:
    """Return a language's texts by their full keys."""
    return dict(_flat(_json(f"translations/{language}.json")))


def _json(name: str) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((PACKAGE / name).read_text(encoding="utf-8"))
    return values


def _flat(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        inside = isinstance(value, Mapping)
        yield from _flat(value, f"{above}{key}.") if inside else [(f"{above}{key}", value)]


def below(prefix: str, end: str = "") -> set[str]:
    """Return which keys there are one level below a prefix, as far as they go on with an ending."""
    pattern = re.compile(rf"{re.escape(prefix)}\.([^.]+){re.escape(end) or r'(?:\..+)?'}")
    return {match[1] for key in texts("en") if (match := pattern.fullmatch(key))}


def placeholders(text: str) -> set[str]:
    """Return what is filled into a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


# The languages against each other


def test_english_and_german_are_there() -> None:
    """Product, "For people"."""
    assert LANGUAGES == ["de", "en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_texts(language: str) -> None:
    """What is missing in one would be English, or a bare key."""
    assert texts(language).keys() ^ texts("en").keys() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_fills_in_the_same(language: str) -> None:
    """A placeholder nobody fills fails the whole text."""
    english = texts("en")
    theirs = {key: placeholders(text) for key, text in texts(language).items() if key in english}
    assert theirs == {key: placeholders(english[key]) for key in theirs}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "wrong",
    [r"^\s*$", r"^\s|\s$", r"</?[a-zA-Z][^>]*>|&\w+;", r"\w+://|\bwww\.", r"\S\s\s+\S"],
    ids=["empty", "blanks around", "HTML", "web address", "several blanks"],
)
def test_no_text_is(language: str, wrong: str) -> None:
    """Addresses are placeholders, so that translators cannot break them; Home Assistant's own rules."""
    assert {key: text for key, text in texts(language).items() if re.search(wrong, text)} == {}


# Refusals


class Telling(NamedTuple):
    """A text that the code asks for."""

    key: str
    placeholders: frozenset[str]
    where: str


@cache
def trees() -> dict[str, ast.Module]:
    """Return what each module says."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Return every call below a node with the last name of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2], node


def keywords(call: ast.Call) -> dict[str | None, ast.expr]:
    """Return a call's named arguments."""
    return {keyword.arg: keyword.value for keyword in call.keywords}


def literal(node: ast.expr | None) -> str | None:
    """Return a text that stands in the code as it is."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def keys_of(node: ast.expr | None) -> frozenset[str]:
    """Return the keys of a mapping that stands in the code."""
    return frozenset(
        key for part in (node.keys if isinstance(node, ast.Dict) else []) if (key := literal(part))
    )


def errors_told() -> Iterator[Telling]:
    """Return the errors that people are told in their language: those that name a domain, and refusals."""
    for module, tree in trees().items():
        for name, call in calls(tree):
            where, named = f"{module}:{call.lineno}", keywords(call)
            if "translation_domain" in named and (key := literal(named["translation_key"])):
                yield Telling(key, keys_of(named.get("translation_placeholders")), where)
            if name in {"refusal", "failure"} and (key := literal(call.args[0])):
                yield Telling(key, frozenset(filter(None, named)), where)


def refusals() -> Iterator[Telling]:
    """Return what the model turns down."""
    for module, tree in trees().items():
        for name, call in calls(tree):
            if name == "Refused" and (key := literal(call.args[0] if call.args else None)):
                yield Telling(key, frozenset(filter(None, keywords(call))), f"{module}:{call.lineno}")


def form_errors() -> set[str]:
    """Return what a form can say of what was typed into it."""
    return {key for flow in flows() for key in below(f"{flow.above}.error")}


def told(telling: Telling) -> bool:
    """Tell whether an error's text is there and is filled in with what the code gives."""
    text = texts("en").get(f"exceptions.{telling.key}.message")
    return text is not None and placeholders(text) == telling.placeholders


def test_every_error_has_a_text_and_all_that_is_filled_in() -> None:
    """Exactly that: what is given and not used is a sentence that does not name its thing."""
    assert [telling for telling in errors_told() if not told(telling)] == []


def test_every_refusal_reaches_people() -> None:
    """As an error with what it is about, or beside the field of a form."""
    typed = form_errors()
    assert [refusal for refusal in refusals() if refusal.key not in typed and not told(refusal)] == []


def test_keys_that_come_from_elsewhere_are_those_looked_at_here() -> None:
    """A key put together at run time would go untested."""
    elsewhere = {
        (module, ast.unparse(named["translation_key"]))
        for module, tree in trees().items()
        for _, call in calls(tree)
        if "translation_domain" in (named := keywords(call)) and not literal(named["translation_key"])
    }
    assert elsewhere == {("__init__", "err.translation_key"), ("entity", "err.key"), ("errors", "key")}
    unread = [
        f"{module}:{call.lineno}"
        for module, tree in trees().items()
        for name, call in calls(tree)
        if name in {"Refused", "refusal", "failure"} and not literal(call.args[0])
    ]
    assert unread == []


def test_nobody_keeps_a_text_for_an_error_that_is_none() -> None:
    """Translators would work for nothing."""
    used = {telling.key for telling in [*errors_told(), *refusals()]}
    assert below("exceptions") - used == set()


# The logbook


def test_every_sentence_of_the_logbook_has_its_text_and_all_that_is_filled_in() -> None:
    """And there is none that it never says."""
    said = {
        (key, frozenset(filter(None, keywords(call))))
        for name, call in calls(trees()["logbook"])
        if name == "_say" and (key := literal(call.args[1]))
    }
    there = {key for key in below("common") if key.startswith("command_")}
    assert said == {(key, frozenset(placeholders(texts("en")[f"common.{key}"]))) for key in there}


def test_the_logbook_has_a_word_for_every_step_and_what_it_was_for() -> None:
    """Reasons that people gave themselves stand as they are."""
    steps = {*Rung, "recovered", "handled", "again"}
    reasons = {*Cause, "operator_request", "restart_unresponsive", "ups_low_battery"}
    assert {key for key in below("common") if key.startswith("recovery_")} == {
        *(f"recovery_step_{step}" for step in steps),
        *(f"recovery_reason_{reason}" for reason in reasons),
    }


def test_the_logbook_has_a_word_for_every_step_of_an_outage() -> None:
    """Plugs are told as steps of recovery, by whoever turns them off and on."""
    told = {key for key in below("common") if key.startswith("outage_")}
    assert told == {f"outage_step_{deed}" for deed in Deed if deed is not Deed.POWER_CYCLE}
    assert {name for key in told for name in placeholders(texts("en")[f"common.{key}"])} == {
        "ups",
        "tier",
        "screens",
    }


# Repairs


def raised() -> Iterator[tuple[str, frozenset[str], bool]]:
    """Return the key of every repair that the code raises, what fills it in, and whether a flow fixes it."""
    for module, tree in trees().items():
        for name, call in calls(tree):
            if name == "async_raise_issue":
                named = keywords(call)
                key = resolved(import_module(f"{NAME}.{module}"), named["translation_key"])
                filled = keys_of(named.get("translation_placeholders"))
                yield key, filled, "is_fixable" in named


#: Repairs whose key or filling the code hands on: by what they are filled in with.
HANDED_ON = {
    **{f"certificate_expiring_{kind}": {"fleet", "date"} for kind in _ENDS},
    **{key: {"ups", "server"} for key in (DATA_STALE, DRIVER_NOT_CONNECTED, FSD_LATCHED)},
    "new_screen": {"screen"},
    "new_screens": {"fleet", "number"},
    **{key: set(names) for key, names in FILLED_WITH.items()},
}


def test_repairs_whose_key_comes_from_elsewhere_are_those_looked_at_here() -> None:
    """A key put together at run time would go untested."""
    elsewhere = {
        module
        for module, tree in trees().items()
        for name, call in calls(tree)
        if name == "async_raise_issue"
        and not resolved(import_module(f"{NAME}.{module}"), keywords(call)["translation_key"])
    }
    assert elsewhere == {"admission", "certificates", "media.repairs", "nut.troubles"}


def test_every_repair_has_its_texts_and_every_text_its_repair() -> None:
    """One that a flow fixes says more in the flow; any other says all in its description."""
    filled = {key: set(names) for key, names, _ in raised() if key} | HANDED_ON
    assert filled.keys() == below("issues")
    for key, names in filled.items():
        above = f"issues.{key}."
        said = {part: placeholders(text) for part, text in texts("en").items() if part.startswith(above)}
        at_sight = [said.get(f"{above}{part}", set()) for part in ("title", "description")]
        assert set().union(*at_sight) <= names <= set().union(*said.values())
    fixable = {key for key, _, fixed in raised() if key and fixed} | {"new_screen", "new_screens"}
    assert {key for key in below("issues") if below(f"issues.{key}.fix_flow")} == fixable
    assert {key for key in filled if f"issues.{key}.description" in texts("en")} == filled.keys() - fixable


def repair_flows() -> Iterator[tuple[str, ast.ClassDef, ast.Module]]:
    """Return the flow of each repair that has one, with the module it stands in."""
    package = import_module(f"{NAME}.repairs")
    for key, flow in package._FLOWS.items():
        tree = trees()[flow.__module__.removeprefix(f"{NAME}.")]
        yield key, next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == flow.__name__), tree


@pytest.mark.parametrize(
    ("key", "tree", "module"), repair_flows(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_step_of_a_repair_has_its_texts(key: str, tree: ast.ClassDef, module: ast.Module) -> None:
    """Steps, choices, fields, what fills them in, errors and ways out: those shown, and no other."""
    above = f"issues.{key}.fix_flow"
    shown = [keywords(call) for name, call in calls(tree) if name in {"async_show_form", "async_show_menu"}]
    steps = [(step, named) for named in shown for step in literals(named["step_id"])]
    assert below(f"{above}.step") == {step for step, _ in steps}
    for step, named in steps:
        choices = set(literals(named.get("menu_options")))
        assert below(f"{above}.step.{step}.menu_options") == choices
        assert below(f"{above}.step.{step}.menu_option_descriptions") in (set(), choices)
        parts = (texts("en").get(f"{above}.step.{step}.{part}", "") for part in ("title", "description"))
        filled = {name for text in parts for name in placeholders(text)}
        assert filled == keys_of(named.get("description_placeholders"))
    asked = {literal(call.args[0]) for name, call in calls(tree) if name in {"Required", "Optional"}}
    assert asked == {field for step, _ in steps for field in below(f"{above}.step.{step}.data")}
    assert below(f"{above}.abort") | below(f"{above}.error") <= set(literals(module))


def literals(tree: ast.AST | None) -> list[str]:
    """Return every text in some code."""
    nodes = ast.walk(tree) if tree else ()
    return [text for node in nodes if isinstance(node, ast.expr) and (text := literal(node))]


# Alerts


def test_every_alert_has_its_text() -> None:
    """And it names what it is about."""
    refusal = {"alert_level_unknown": {"level", "levels"}}
    fed = (Kind.TVS_OFF_ON_BATTERY, Kind.SHUT_DOWN_ON_BATTERY, Kind.OFF_AFTER_OUTAGE)
    on_battery = (Kind.UPS_ON_BATTERY, Kind.UPS_ON_BATTERY_LOW)
    low = (Kind.UPS_LOW_BATTERY, Kind.UPS_LOW_BATTERY_ON_MAINS)
    aside = (
        Kind.UPS_OUTPUT_OFF_ON_MAINS,
        Kind.UPS_OVERLOAD,
        Kind.UPS_REPLACE_BATTERY,
        Kind.UPS_BAD_BATTERY_PACKS,
        Kind.UPS_ALARM,
        Kind.UPS_BYPASS,
        Kind.UPS_OVERHEAT,
        Kind.UPS_COMMUNICATION_FAULT,
        Kind.UPS_DEPLETED,
        Kind.UPS_MAINS_FAILURE,
    )
    more = {
        Kind.SERVICE_FAILED: {"unit"},
        Kind.UPS_SHUTDOWN_TIMER: {"at"},
        **{kind: {"ups"} for kind in fed},
        **{kind: {"left", "why"} for kind in on_battery},
        **{kind: {"left"} for kind in low},
        **{kind: {"alarm"} for kind in aside},
    }
    alerts = {f"alert_{kind}": {"name"} | more.get(kind, set()) for kind in Kind}
    there = {key for key in below("common") if key.startswith("alert_")}
    assert {key: placeholders(texts("en")[f"common.{key}"]) for key in there} == alerts | refusal


def test_every_language_can_be_asked_for() -> None:
    """By those who follow the alerts; a language is never looked for among the files."""
    assert sorted(import_module(f"{NAME}.texts").LANGUAGES) == LANGUAGES


# The configuration of NUT


def test_every_finding_has_its_text_and_its_way_out() -> None:
    """Both together are filled in with what the finding gives, and there are none of findings never made."""
    found: dict[str, set[str]] = {}
    for module, tree in trees().items():
        for name, call in calls(tree) if module.startswith("model.nut.") else ():
            if name in {"error", "warning", "info"} and len(call.args) == 2:
                code = literal(call.args[1])
                assert code is not None, f"{module}:{call.lineno}"
                given = set(filter(None, keywords(call)))
                assert found.setdefault(f"nut_{code}", given) == given
    assert {key for key in below("common") if key.startswith("nut_")} == {
        f"{key}{end}" for key in found for end in ("", "_fix")
    }
    for key, given in found.items():
        told = (texts("en")[f"common.{key}"], texts("en")[f"common.{key}_fix"])
        assert {name for text in told for name in placeholders(text)} == given


# Conversions


def test_every_reason_for_a_failed_conversion_has_its_text() -> None:
    """And those that somebody else gave words for hand them on."""
    worded = {Trouble.REFUSED, Trouble.SERVER_FAILED, Trouble.UNREACHABLE, Trouble.NOT_KEPT}
    there = {key for key in below("common") if key.startswith("conversion_")}
    assert {key: placeholders(texts("en")[f"common.{key}"]) for key in there} == {
        f"conversion_{trouble}": {"detail"} if trouble in worded else set() for trouble in Trouble
    }


# The media browser


def test_the_media_browser_has_its_words() -> None:
    """A shelf has a name, and each screenshot says why it was taken."""
    others = (
        *("alert_", "command_", "conversion_", "nut_", "outage_"),
        *("recovery_", "takeover_", "ups_login_", "upload_"),
    )
    assert {key for key in below("common") if not key.startswith(others)} == {
        "media",
        *(f"media_{state}" for state in State),
        "screenshots",
    }
    for image in ("screenshot", "priority_screenshot"):
        assert below(f"entity.image.{image}.state_attributes.type.state") == set(Capture)


# Takeovers


def test_a_drill_has_its_word() -> None:
    """It is what screens say before the title, in Home Assistant's language."""
    assert {key for key in below("common") if key.startswith("takeover_")} == {"takeover_drill"}
    assert {texts(language)["common.takeover_drill"] for language in LANGUAGES} == {"DRILL", "ÜBUNG"}


# Devices and entities


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return every function below a node."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def put(function: ast.AST, name: str) -> list[ast.expr]:
    """Return what is put under a name, as an item or as a named argument."""
    items = [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Subscript) and literal(target.slice) == name
    ]
    return items + [
        named[name]
        for called, call in calls(function)
        if called == "DeviceInfo" and name in (named := keywords(call))
    ]


def test_every_device_without_a_name_of_its_own_has_one() -> None:
    """And it is filled in with what the code gives."""
    devices = {
        key: frozenset(name for given in put(function, "translation_placeholders") for name in keys_of(given))
        for tree in trees().values()
        for function in functions(tree)
        for key in map(literal, put(function, "translation_key"))
        if key
    }
    assert devices == {key: placeholders(texts("en")[f"device.{key}.name"]) for key in below("device")}


@cache
def platforms() -> dict[str, ModuleType]:
    """Return the modules that make entities; a platform may be a package of them."""
    made = {*map(str, Platform)}
    return {
        path: import_module(f"{NAME}.{path.removesuffix('.__init__')}")
        for path in trees()
        if platform_of(path) in made
    }


def platform_of(path: str) -> str:
    """Return the platform that a module is of; those of UPSes stand together."""
    return path.removeprefix("ups.").partition(".")[0]


def described(values: Iterable[Any]) -> Iterator[Any]:
    """Return the descriptions among some values, those in tables included.

    Home Assistant makes its description classes at run time, and their instances are of no common class.
    """
    for value in values:
        if not isinstance(value, type) and hasattr(value, "key") and hasattr(value, "translation_key"):
            yield value
        if isinstance(value, tuple | list | set | frozenset):
            yield from described(value)
        if isinstance(value, Mapping):
            yield from described(value.values())


@cache
def entities() -> dict[tuple[str, str], list[Any]]:
    """Return the descriptions of every entity by platform and key; screens and UPSes may share one."""
    found: dict[tuple[str, str], list[Any]] = {}
    for path, module in platforms().items():
        for description in described(
            value for name, value in vars(module).items() if not name.startswith("__")
        ):
            key = description.translation_key or description.key
            found.setdefault((platform_of(path), key), []).append(description)
    return found


def named_entities(end: str) -> set[tuple[str, str]]:
    """Return the entities that have texts with an ending."""
    return {(platform, key) for platform in below("entity") for key in below(f"entity.{platform}", end)}


def states(platform: str, key: str) -> set[str]:
    """Return the words an entity chooses from."""
    return {
        str(option)
        for description in entities()[platform, key]
        for option in getattr(description, "options", None) or []
    }


def test_every_platform_has_entities() -> None:
    """A table that this test cannot find would go untested."""
    assert {platform for platform, _ in entities()} == {platform_of(path) for path in platforms()}


def test_every_entity_has_a_name_and_every_name_an_entity() -> None:
    """There is no `name=` in the code."""
    assert named_entities(".name") ^ entities().keys() == set()


@pytest.mark.parametrize("which", sorted(entities()), ids=".".join)
def test_every_state_has_its_word(which: tuple[str, str]) -> None:
    """One that is missing is shown as the bare word of the wire."""
    fixed = states(*which)
    words = below(f"entity.{'.'.join(which)}.state")
    assert fixed - words == set()
    assert not fixed or words == fixed


def test_in_no_group_has_its_word() -> None:
    """The other options are people's own names for their groups."""
    assert below("entity.select.group.state") == {UNASSIGNED}


# Actions


@cache
def actions() -> dict[str, dict[str, Any]]:
    """Return the actions as they are described to Home Assistant."""
    return load_yaml_dict(str(PACKAGE / "services.yaml"))


def typed_fields(fields: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return an action's fields, those in sections included."""
    for name, field in fields.items():
        inner = field.get("fields")
        yield from typed_fields(inner) if inner else [(name, field)]


def test_every_action_has_a_name_and_a_description() -> None:
    """And there is no text for an action that is none."""
    assert below("services", ".name") == below("services", ".description") == actions().keys()


@pytest.mark.parametrize("action", sorted(actions()))
def test_every_field_of_an_action_has_a_name_and_a_description(action: str) -> None:
    """Forms in the automation editor show both."""
    fields = {name for name, _ in typed_fields(actions()[action].get("fields", {}))}
    above = f"services.{action}.fields"
    assert below(above, ".name") == below(above, ".description") == fields


def test_every_action_in_the_code_is_described() -> None:
    """Home Assistant offers only what it can describe."""
    registered = {
        resolved(import_module(f"{NAME}.{module}"), call.args[1])
        for module, tree in trees().items()
        if module.startswith("services.")
        for name, call in calls(tree)
        if name == "async_register" and len(call.args) > 1
    }
    assert registered == actions().keys()


def resolved(module: ModuleType | SimpleNamespace, node: ast.expr) -> Any:
    """Return what a name, a text or a list of them means in a module; an unknown name is None."""
    return (
        [resolved(module, part) for part in node.elts]
        if isinstance(node, ast.List | ast.Tuple)
        else getattr(module, node.id, None)
        if isinstance(node, ast.Name)
        else literal(node)
    )


# Flows


class Flow(NamedTuple):
    """A flow, which may stand in several classes, where its texts are, and the names its modules know."""

    above: str
    tree: ast.Module
    module: SimpleNamespace


@cache
def flow_modules() -> dict[str, ModuleType]:
    """Return the modules in which flows and the parts of their forms stand."""
    return {
        name: import_module(f"{NAME}.{name}")
        for name in trees()
        if name.endswith(("_flow", "_form", "_fields"))
    }


@cache
def flows() -> list[Flow]:
    """Return every flow of the integration."""
    handler = InfoscreenConfigFlow
    options = (value for module in flow_modules().values() for value in vars(module).values())
    above: dict[str, str] = {
        flow.__name__: section
        for flow, section in (
            *((part, "config") for part in handler.__mro__ if part.__module__.startswith(NAME)),
            *((sub, f"config_subentries.{kind}") for kind, sub in subentries(handler).items()),
            *((flow, "options") for flow in options if own_options_flow(flow)),
        )
    }
    parts: dict[str, list[tuple[ast.ClassDef, ModuleType]]] = {}
    for name, module in flow_modules().items():
        for node in trees()[name].body:
            if isinstance(node, ast.ClassDef) and node.name in above:
                parts.setdefault(above[node.name], []).append((node, module))
    return [
        Flow(
            section,
            ast.Module(body=[node for node, _ in found], type_ignores=[]),
            SimpleNamespace(**{name: value for _, module in found for name, value in vars(module).items()}),
        )
        for section, found in parts.items()
    ]


def subentries(handler: type[ConfigFlow]) -> dict[str, type[ConfigSubentryFlow]]:
    """Return the flows for what hangs on a fleet's entry."""
    fleet = MockConfigEntry(data={"transport": "mqtt"})
    return handler.async_get_supported_subentry_types(fleet)


def own_options_flow(value: object) -> bool:
    """Tell whether something in a module is the flow for its options."""
    return isinstance(value, type) and issubclass(value, OptionsFlow) and value.__module__.startswith(NAME)


FLOWS = pytest.mark.parametrize("flow", flows(), ids=lambda flow: flow.above)


def step_ids(tree: ast.AST) -> set[str]:
    """Return the steps that code shows, by `step_id=` or by a helper that takes it first."""
    ids = {
        literal(keywords(call).get("step_id") or (call.args[0] if call.args else None))
        for name, call in calls(tree)
        if name in {"async_show_form", "async_show_menu", "_form"}
    }
    return {step for step in ids if step}


def steps(flow: Flow) -> dict[str, set[str]]:
    """Return the fields that each step of a flow asks for, outside of sections."""
    return {
        step: {str(field) for field in fields(function, flow.module)}
        for function in functions(flow.tree)
        for step in step_ids(function)
    }


def fields(function: ast.AST, module: ModuleType | SimpleNamespace) -> Iterator[object]:
    """Return the fields of the schemas that a function makes or names."""
    for name, call in calls(function):
        if name in {"Required", "Optional"} and (field := resolved(module, call.args[0])):
            yield field
    for node in ast.walk(function):
        schema = resolved(module, node) if isinstance(node, ast.Name) else None
        if isinstance(schema, vol.Schema):
            yield from schema.schema


@FLOWS
def test_every_step_has_its_texts(flow: Flow) -> None:
    """A title, and for each field a name and a line that explains it; none for what is not asked."""
    assert below(f"{flow.above}.step", ".title") == steps(flow).keys()
    for step, asked in steps(flow).items():
        above = f"{flow.above}.step.{step}"
        assert below(f"{above}.data") == below(f"{above}.data_description") == asked


@FLOWS
def test_every_choice_of_a_menu_has_its_texts(flow: Flow) -> None:
    """What it is called and what it is."""
    choices = {
        step: set(resolved(flow.module, named["menu_options"]))
        for name, call in calls(flow.tree)
        if name == "async_show_menu" and (step := literal((named := keywords(call))["step_id"]))
    }
    above = f"{flow.above}.step"
    menus = {key.split(".")[-3] for key in texts("en") if key.startswith(above) and ".menu_options." in key}
    assert choices == {step: below(f"{above}.{step}.menu_options") for step in menus}
    assert choices == {step: below(f"{above}.{step}.menu_option_descriptions") for step in menus}


@FLOWS
def test_every_way_out_of_a_flow_has_its_text(flow: Flow) -> None:
    """Also those that Home Assistant's helpers take for us."""
    given = {
        literal(keywords(call).get("reason")) for name, call in calls(flow.tree) if name == "async_abort"
    }
    implied = {
        "already_configured"
        for name, call in calls(flow.tree)
        if name == "_abort_if_unique_id_configured"
        or (name == "async_create_entry" and "unique_id" in keywords(call))
    }
    assert below(f"{flow.above}.abort") == {reason for reason in given if reason} | implied


@FLOWS
def test_every_error_of_a_form_has_its_text(flow: Flow) -> None:
    """Those it gives itself, and the refusals of what it asks the model."""
    given = {
        literal(node.value)
        for node in ast.walk(flow.tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Subscript) and ast.unparse(target.value) == "errors"
    }
    asked = {name for name, _ in calls(flow.tree)}
    refused = {
        literal(call.args[0])
        for function in asked_by(asked, "model.", "connection_form", "broker.")
        for name, call in calls(function)
        if name == "Refused"
    }
    assert below(f"{flow.above}.error") == {key for key in given | refused if key}


def asked_by(names: set[str], *places: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return the functions of these names in some modules, and those that they ask there in turn."""
    there = [
        function
        for module, tree in trees().items()
        if module.startswith(places)
        for function in functions(tree)
    ]
    known = set(names)
    while (
        more := {name for each in there if each.name in known for name, _ in calls(each)}
        & {each.name for each in there} - known
    ):
        known |= more
    return [each for each in there if each.name in known]


def test_every_option_has_its_texts() -> None:
    """Sections have a name, options a name and a line that explains them."""
    above = "options.step.init.sections"
    assert below(above, ".name") == OPTIONS.keys()
    for section, options in OPTIONS.items():
        beside = {BLOCKED_SCREENS} if section == "screens" else set()
        assert below(f"{above}.{section}.data") == options.keys() | beside
        assert below(f"{above}.{section}.data_description") == options.keys() | beside


def test_what_a_login_is_found_to_be_is_said() -> None:
    """Where UPSes are chosen, and when the entry is made."""
    found = {f"login_{login}" for login in Login}
    assert {key.removeprefix("ups_") for key in below("common") if key.startswith("ups_login_")} == found
    assert below("config.create_entry") == found


def test_every_choice_of_a_selector_has_its_word() -> None:
    """Those of forms and those of actions."""
    of_forms = {
        key: set(resolved(module, named["options"]))
        for name, module in flow_modules().items()
        for _, call in calls(trees()[name])
        if (key := literal((named := keywords(call)).get("translation_key"))) and "options" in named
    }
    of_actions = {
        key: set(select["options"])
        for action in actions().values()
        for _, field in typed_fields(action.get("fields", {}))
        if (select := (field.get("selector") or {}).get("select")) and (key := select.get("translation_key"))
    }
    assert of_forms | of_actions == {key: below(f"selector.{key}.options") for key in below("selector")}


# Icons


def test_every_icon_is_of_an_entity_that_is_there() -> None:
    """And those of states are of states it can have."""
    icons = {
        (platform, key): set(icon.get("state", {}))
        for platform, keyed in _json("icons.json")["entity"].items()
        for key, icon in keyed.items()
    }
    assert icons.keys() - entities().keys() == set()
    binary = {(platform, key): {"on", "off"} for platform, key in icons if not states(platform, key)}
    assert {
        which: strange
        for which, used in icons.items()
        if (strange := used - binary.get(which, states(*which)))
    } == {}


def test_every_action_has_an_icon() -> None:
    """And there is none for an action that is none."""
    assert _json("icons.json")["services"].keys() == actions().keys()
