"""Simulated info screens that obey the wire contract, for tests, demos, and people who write clients.

`body.py` and `screen.py` are what a screen does, `voice.py` is what it says, `client.py` how it connects.
"""

from .client import SimulatedScreen
from .fleet import Fleet, identities
from .screen import Screen
from .state import Fault, Identity, Memory, Pace, Power, State
from .wire import Channel

__all__ = [
    "Channel",
    "Fault",
    "Fleet",
    "Identity",
    "Memory",
    "Pace",
    "Power",
    "Screen",
    "SimulatedScreen",
    "State",
    "identities",
]
