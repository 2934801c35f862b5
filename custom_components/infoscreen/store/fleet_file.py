"""What a fleet keeps of what changes by itself: screens, commands, what was decided and what is under way."""

from dataclasses import dataclass, field
from datetime import datetime

from ..model.commands import Command
from ..model.fleet import Screen
from ..model.intents import Transition
from ..model.media.stamps import Stamp
from ..model.policy.policy import Policy
from ..model.power import Hold, Target
from ..model.recovery import Ladder
from ..model.replacement import Successor
from .stored import Stored, by, by_target


@dataclass(kw_only=True)
class FleetFile:
    """What changes by itself."""

    screens: dict[str, Screen] = field(default_factory=dict)
    # Deleted screens, unheard until they announce themselves
    forgotten: set[str] = field(default_factory=set)
    # Not known before a person lets them in, in order of arrival
    waiting: dict[str, Screen] = field(default_factory=dict)
    blocked: dict[str, Screen] = field(default_factory=dict)
    # Screens whose hardware address is another one's, and may be
    kept_apart: set[str] = field(default_factory=set)
    replaced: dict[str, Successor] = field(default_factory=dict)  # by the screen whose place is taken
    # The newest of each screen and those under way
    commands: dict[str, Command] = field(default_factory=dict)
    ladders: dict[str, Ladder] = field(default_factory=dict)  # of the screens that were in trouble of late
    plugs_off: set[str] = field(default_factory=set)  # plugs that we turned off and that are to be on again
    group_ids: set[int] = field(default_factory=set)
    retired_group_ids: set[int] = field(default_factory=set)  # never given again
    empty_since: dict[int, datetime] = field(default_factory=dict)  # groups without screens
    emptying: set[str] = field(default_factory=set)  # retained topics still to be taken off the broker
    power_holds: dict[Target, Hold] = field(default_factory=dict)  # by hand
    # Of those whose intent is on the broker
    power_intents: dict[Target, Transition] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)  # what outages have done, until all is back
    handed_out_acl: str | None = None  # digest of the access list last handed out
    media_secret: str | None = None  # makes the tokens by which screens fetch files
    stamps: dict[str, Stamp] = field(default_factory=dict)  # of files, by media id

    def read_fleet(self, fleet: Stored) -> None:
        """Take over what was stored."""
        self.screens = by("key", map(Screen.from_stored, fleet.get("screens", [])))
        self.forgotten = set(fleet.get("forgotten", []))
        self.waiting = by("key", map(Screen.from_stored, fleet.get("waiting", [])))
        self.blocked = by("key", map(Screen.from_stored, fleet.get("blocked", [])))
        self.kept_apart = set(fleet.get("kept_apart", []))
        self.replaced = {
            key: Successor.from_stored(stored) for key, stored in fleet.get("replaced", {}).items()
        }
        self.commands = by("command_id", map(Command.from_stored, fleet.get("commands", [])))
        self.ladders = by("key", map(Ladder.from_stored, fleet.get("ladders", [])))
        self.plugs_off = set(fleet.get("plugs_off", []))
        self.group_ids = set(fleet.get("group_ids", []))
        self.retired_group_ids = set(fleet.get("retired_group_ids", []))
        self.empty_since = {
            int(group_id): datetime.fromisoformat(since)
            for group_id, since in fleet.get("empty_since", {}).items()
        }
        self.emptying = set(fleet.get("emptying", []))
        self.power_holds = by_target(Hold.from_stored, fleet.get("power_holds", {}))
        self.power_intents = by_target(Transition.from_stored, fleet.get("power_intents", {}))
        if policy := fleet.get("policy"):
            self.policy = Policy.from_stored(policy)
        self.handed_out_acl = fleet.get("handed_out_acl")
        self.media_secret = fleet.get("media_secret")
        self.stamps = {media: Stamp.from_stored(stamp) for media, stamp in fleet.get("stamps", {}).items()}

    def fleet_as_stored(self) -> Stored:
        """Return it as JSON."""
        return {
            "screens": [screen.as_stored() for screen in self.screens.values()],
            "forgotten": sorted(self.forgotten),
            "waiting": [screen.as_stored() for screen in self.waiting.values()],
            "blocked": [screen.as_stored() for screen in self.blocked.values()],
            "kept_apart": sorted(self.kept_apart),
            "replaced": {key: successor.as_stored() for key, successor in self.replaced.items()},
            "commands": [command.as_stored() for command in self.commands.values()],
            "ladders": [ladder.as_stored() for ladder in self.ladders.values()],
            "plugs_off": sorted(self.plugs_off),
            "group_ids": sorted(self.group_ids),
            "retired_group_ids": sorted(self.retired_group_ids),
            "empty_since": {str(group_id): since.isoformat() for group_id, since in self.empty_since.items()},
            "emptying": sorted(self.emptying),
            "power_holds": {f"{key}": hold.as_stored() for key, hold in self.power_holds.items()},
            "power_intents": {f"{key}": intent.as_stored() for key, intent in self.power_intents.items()},
            "policy": self.policy.as_stored(),
            "handed_out_acl": self.handed_out_acl,
            "media_secret": self.media_secret,
            "stamps": {media: stamp.as_stored() for media, stamp in self.stamps.items()},
        }
