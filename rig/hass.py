"""A real Home Assistant."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
import shutil
import sys
from typing import Self

import aiohttp

from .api import DOMAIN, Api
from .log import Log
from .onboarding import is_new, onboard, skip_extras
from .ports import HOST, free_port
from .process import Process
from .storage import write_store
from .waiting import RigError, until

SOURCE = Path(__file__).parents[1] / "custom_components" / DOMAIN
ADMIN = ("admin", "admin")
RESTART = 100  # the exit code by which Home Assistant asks to be started again

# default_config without what wants the internet, a radio or root.
INTEGRATIONS = (
    "config",
    "conversation",
    "energy",
    "file",
    "frontend",
    "history",
    "logbook",
    "media_source",
    "mobile_app",
    "my",
    "sun",
    "webhook",
    *(("assist_pipeline",) if find_spec("pymicro_vad") and find_spec("pyspeex_noise") else ()),
)


class Hass:
    """One Home Assistant process with its configuration folder, and its owner's API."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        owner: tuple[str, str] = ADMIN,
        yaml: str = "",
        linked: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.port = port or free_port()
        self.config = folder / "config"
        self.owner = owner
        self.process = Process("Home Assistant", folder / "hass.log")
        self.log = Log(self.process.log)
        self.url = f"http://{HOST}:{self.port}"
        self.api = Api(self.url)
        self._yaml = yaml
        self._linked = linked
        self._environment = environment or {}

    def _prepare(self) -> None:
        """Write what Home Assistant needs before its start; what it wrote itself stays."""
        self.config.mkdir(parents=True, exist_ok=True)
        lines = [*(f"{name}:" for name in INTEGRATIONS), "logger:", "  default: info", self._yaml]
        (self.config / "configuration.yaml").write_text("\n".join(lines))
        # `http:` in YAML is a five-minute trial that ends with a restart on port 8123.
        stable = {
            "server_host": [HOST],
            "server_port": self.port,
            "cors_allowed_origins": [],
            "login_attempts_threshold": -1,
            "ip_ban_enabled": False,
            "ssl_profile": "modern",
            "use_x_frame_options": True,
            "created_at": "2026-01-01T00:00:00+00:00",
            "error": None,
            "error_message": None,
        }
        http = {"stable": stable, "pending": None, "yaml_migration_done": True}
        write_store(self.config, "http", http, version=2, minor_version=2)
        skip_extras(self.config)
        self._install()

    def _install(self) -> None:
        """Put our integration in, linked to the source or as a copy of it."""
        place = self.config / "custom_components" / DOMAIN
        place.parent.mkdir(exist_ok=True)
        if place.is_symlink():
            place.unlink()
        elif place.exists():
            shutil.rmtree(place)
        if self._linked:
            place.symlink_to(SOURCE)
        else:
            shutil.copytree(SOURCE, place, ignore=shutil.ignore_patterns("__pycache__"))

    async def start(self) -> None:
        """Start Home Assistant and wait until it is up; onboard it if it is new, else log in."""
        self._prepare()
        await self.process.start(
            sys.executable,
            "-m",
            "homeassistant",
            "--skip-pip",  # it would change the environment it runs in
            "--log-no-color",
            "-c",
            str(self.config.resolve()),
            # Not the checkout: `custom_components` there would win over the folder's own.
            folder=self.config,
            PYTHONUNBUFFERED="1",
            # Whatever holds outside: what is compiled once need not be at every start, which takes seconds.
            PYTHONDONTWRITEBYTECODE="",
            HA_DISABLE_LOG_FILE="1",
            **self._environment,
        )
        await self.process.ready(self._answers, within=120)
        if await is_new(self.api):
            await onboard(self.api, self.owner)
        else:
            await self.api.log_in(self.owner)
        await self.process.ready(self._is_running, within=120)

    async def _answers(self) -> bool:
        """Tell whether the web server is up."""
        try:
            await self.api.request("GET", "/manifest.json")
        except aiohttp.ClientError, RigError:
            return False
        return True

    async def _is_running(self) -> bool:
        """Tell whether everything is set up."""
        config = await self.api.command("get_config")
        return bool(config["state"] == "RUNNING")

    async def stop(self) -> None:
        """End Home Assistant in order."""
        await self._forget()
        await self.process.terminate(within=60)

    async def kill(self) -> None:
        """End Home Assistant the way a power cut does."""
        await self.process.kill()
        await self._forget()

    async def restart(self) -> None:
        """End Home Assistant in order and start it again."""
        await self.stop()
        await self.start()

    async def _forget(self) -> None:
        """Close the connections and drop the tokens of this run."""
        await self.api.close()
        self.api.tokens.clear()

    async def stored(self, store: str, *texts: str) -> None:
        """Wait until a file below .storage has all these texts: what changes is written seconds later."""
        file = self.config / ".storage" / store

        async def written() -> bool:
            content = file.read_text(encoding="utf-8") if file.exists() else ""
            return all(text in content for text in texts)

        await until(written, f"{texts} in {store}")

    async def another_user(self, login: tuple[str, str]) -> Api:
        """Log another user in; whoever asks closes the API."""
        api = Api(self.url)
        await api.log_in(login)
        return api

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
