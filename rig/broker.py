"""MQTT brokers: Mosquitto, and one from PyPI where no Mosquitto is."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
import os
from pathlib import Path
import signal
import subprocess
import sys
from typing import Any, Self, override

from .ports import HOST, free_port, listens
from .process import Process, find_program
from .tls import Authority, Pair
from .waiting import PATIENCE, RigError, until


class Broker(ABC):
    """A broker on loopback; with a login only for those who know it."""

    protocol = "5"

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        login: tuple[str, str] | None = None,
        persistent: bool = False,
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.login = login
        self.persistent = persistent
        self.process = Process("The MQTT broker", folder / "broker.log")

    @abstractmethod
    def _prepare(self) -> tuple[str, ...]:
        """Write the configuration and return the command."""

    async def start(self) -> None:
        """Start the broker and wait until it listens."""
        self.folder.mkdir(parents=True, exist_ok=True)
        await self.process.start(*self._prepare(), folder=self.folder)
        await self.process.ready(lambda: listens(self.port), within=30)

    async def stop(self) -> None:
        """End the broker in order."""
        await self.process.terminate()

    async def kill(self) -> None:
        """End the broker without a warning."""
        await self.process.kill()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


@dataclass(frozen=True, kw_only=True)
class Tls:
    """What a broker is trusted by, and whether it trusts only clients with a certificate."""

    authority: Authority
    server: Pair
    ask_clients: bool = False


class Mosquitto(Broker):
    """The broker most fleets have; with TLS on a second port, and with an access list for its accounts."""

    def __init__(
        self, folder: Path, *, tls: Tls | None = None, acl: str | None = None, **settings: Any
    ) -> None:
        super().__init__(folder, **settings)
        self.tls = tls
        self.acl = acl
        self.accounts: dict[str, str] = {}
        """Passwords of those who may log in beside `login`."""
        self.tls_port = free_port()

    @staticmethod
    def installed() -> bool:
        """Tell whether this machine has a Mosquitto."""
        return find_program("mosquitto") is not None

    @override
    def _prepare(self) -> tuple[str, ...]:
        program = find_program("mosquitto")
        if program is None:
            raise RigError("Mosquitto is not installed")
        lines = [
            "user root",  # started by root, it would become a user who cannot read these files
            f"listener {self.port} {HOST}",
            "log_dest stderr",  # stdout would come late, in blocks
            *(
                f"log_type {kind}"
                for kind in ("error", "warning", "notice", "information", "subscribe", "unsubscribe")
            ),
            f"persistence {str(self.persistent).lower()}",
            f"persistence_location {self.folder.resolve()}/",
            "autosave_on_changes true",
            "autosave_interval 1",
            "set_tcp_nodelay true",  # an answer is not kept back for the 40 ms in which more might follow
            f"allow_anonymous {str(self.login is None).lower()}",
        ]
        lines += self._let_in()
        lines += self._listen_encrypted()
        configuration = self.folder / "mosquitto.conf"
        configuration.write_text("\n".join(lines) + "\n")
        return program, "-c", str(configuration.resolve())

    def _let_in(self) -> list[str]:
        """Write who may log in and what they may do, and return the lines that say where it stands."""
        lines = []
        if self.login is not None:
            accounts = dict([self.login]) | self.accounts
            passwords, new = self.folder / "passwords", self.folder / "passwords.new"
            new.touch(mode=0o600)
            new.write_text("".join(f"{user}:{password}\n" for user, password in accounts.items()))
            subprocess.run(["mosquitto_passwd", "-U", new], check=True, capture_output=True)
            new.replace(passwords)
            lines.append(f"password_file {passwords.resolve()}")
        if self.acl is not None:
            acl = self.folder / "acl"
            acl.touch(mode=0o600)
            acl.write_text(self.acl, encoding="utf-8")
            lines.append(f"acl_file {acl.resolve()}")
        return lines

    async def reload(self) -> None:
        """Let the running broker read anew who may log in and what they may do."""
        self._let_in()
        mark = self.mark()
        os.kill(self.process.pid, signal.SIGHUP)

        async def reloaded() -> bool:
            return b"Reloading config" in self.process.log.read_bytes()[mark:]

        await until(reloaded, "the broker's accounts read anew")

    def _listen_encrypted(self) -> list[str]:
        """Return the lines for the port with TLS."""
        if self.tls is None:
            return []
        certificate, key = self.tls.server.write(self.folder, "server")
        authority = self.folder / "authority.crt"
        authority.write_text(self.tls.authority.certificate)
        return [
            f"listener {self.tls_port} {HOST}",
            f"cafile {authority.resolve()}",
            f"certfile {certificate.resolve()}",
            f"keyfile {key.resolve()}",
            f"require_certificate {str(self.tls.ask_clients).lower()}",
        ]

    def mark(self) -> int:
        """Return where the log ends now, for `wait_subscribed`."""
        return self.process.log.stat().st_size

    async def wait_subscribed(self, topic: str, *, since: int = 0, within: float = PATIENCE) -> None:
        """Wait until somebody has subscribed to exactly this filter, and not just to try it.

        Home Assistant collects its subscriptions for up to half a second; what is published before is lost.
        """

        async def subscribed() -> bool:
            log = self.process.log.read_bytes()[since:].decode(errors="replace")
            told = [line.split() for line in log.splitlines() if line.endswith(f" {topic}")]
            return bool(told) and len(told[-1]) == 4  # time, client, QoS, filter; leaving it has no QoS

        await until(subscribed, f"a subscription to {topic}", within=within)


class Amqtt(Broker):
    """The broker from PyPI; it speaks MQTT 3.1.1 only and forgets retained messages when it ends."""

    protocol = "3.1.1"

    @override
    def _prepare(self) -> tuple[str, ...]:
        if self.login is not None or self.persistent:
            raise RigError("amqtt runs without login and persistence here")
        configuration = self.folder / "amqtt.yaml"
        configuration.write_text(
            f"listeners:\n  default:\n    type: tcp\n    bind: {HOST}:{self.port}\n"
            "plugins:\n  amqtt.plugins.authentication.AnonymousAuthPlugin:\n    allow_anonymous: true\n"
        )
        return sys.executable, "-m", "amqtt.scripts.broker_script", "-c", str(configuration.resolve())
