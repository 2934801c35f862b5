"""Office files of one fleet become PDFs, by a Gotenberg server: a few at a time, each file once."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError
from homeassistant.util.signal_type import SignalType

from ..alarm import Alarm
from ..const import CONF_GOTENBERG_URL, CONVERSIONS_AT_ONCE, DOMAIN, LOGGER
from ..issues import async_raise_issue, plain
from ..model.conversions import Conversion, Failure, State, Trouble, next_due, next_up
from ..texts import async_text, language_for
from .files import BrokenError, ChangedError, ConvertedFiles, Work
from .gotenberg import async_convert

CONVERSION_FAILED: Final = "conversion_failed"


class Converter:
    """Has office files converted, and keeps their PDFs by what the files are, not by their names."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self.ended = SignalType[str](f"{DOMAIN}_{entry.entry_id}_conversion_ended")
        """Sent with the checksum of a file whose conversion is ready, failed, or void as the file changed."""
        self._hass = hass
        self._entry = entry
        self._server = _server(entry)
        self._files = ConvertedFiles(hass.config.config_dir, entry.entry_id)
        self._conversions: dict[str, Conversion] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._closed = False
        self._alarm = Alarm(hass, entry, "an office file's turn has come", self._go_on)
        entry.async_on_unload(self._close)

    async def async_start(self) -> None:
        """Find what came to an end before; what did not is asked for anew by whoever wants it."""
        found = await self._hass.async_add_executor_job(self._files.load, self._server)
        now = dt_util.utcnow()
        for conversion in found:
            self._put(conversion.taken_up(now))
        self._take_back(self._issue_id(conversion.sha256) for conversion in found)
        self._go_on(now)

    @callback
    def _take_back(self, kept: Iterable[str]) -> None:
        """Take back the repairs that an earlier run of the fleet left and that are about nothing any more."""
        ours = {issue_id for domain, issue_id in ir.async_get(self._hass).issues if domain == DOMAIN}
        for issue_id in ours - set(kept):
            if issue_id.startswith(self._issue_id("")):
                ir.async_delete_issue(self._hass, DOMAIN, issue_id)

    @callback
    def async_update(self) -> None:
        """Follow the options: another server is asked for what one could not do."""
        if (server := _server(self._entry)) == self._server:
            return
        self._server, now = server, dt_util.utcnow()
        for conversion in list(self._conversions.values()):
            if conversion.state in {State.PENDING, State.FAILED}:
                self._put(conversion.again(now))
        self._go_on(now)

    @property
    def configured(self) -> bool:
        """Tell whether there is a server; without one, files wait until there is."""
        return self._server is not None

    @property
    def conversions(self) -> Mapping[str, Conversion]:
        """Return every conversion that is known, by the file's checksum."""
        return MappingProxyType(self._conversions)

    @callback
    def async_pdf_of(self, path: Path, sha256: str) -> Path | None:
        """Return the PDF of an office file; None means that it is not ready, and is asked for by this."""
        now = dt_util.utcnow()
        known = self._conversions.get(sha256)
        conversion = known or Conversion(sha256=sha256, path=str(path), due=now)
        self._conversions[sha256] = conversion = replace(conversion, path=str(path))
        if conversion.state is State.READY:
            return self._files.path(sha256)
        if known is None:
            self._supersede(conversion)
            self._go_on(now)
        return None

    @callback
    def _supersede(self, conversion: Conversion) -> None:
        """Let go of the file that was in this one's place; one under way finds that out by itself."""
        for other in list(self._conversions.values()):
            is_idle = other.state in {State.PENDING, State.FAILED}
            if is_idle and other.path == conversion.path and other.sha256 != conversion.sha256:
                self._drop(other.sha256)
                self._hass.async_add_executor_job(self._files.forget, other.sha256)

    def state_of(self, sha256: str) -> State | None:
        """Return how far the conversion of a file is, None if nobody asked for it."""
        conversion = self._conversions.get(sha256)
        return conversion.state if conversion else None

    def reason_of(self, sha256: str) -> str | None:
        """Return why the conversion of a file failed, in Home Assistant's language; None if it did not."""
        conversion = self._conversions.get(sha256)
        if conversion is None or conversion.state is not State.FAILED or conversion.failure is None:
            return None
        failure = conversion.failure
        key = f"conversion_{failure.trouble}"
        return async_text(self._hass, language_for(self._hass), key, {"detail": plain(failure.detail)})

    @callback
    def async_try_again(self, sha256: str) -> None:
        """Ask once more for what failed, because a person wants it, or for what is no longer there."""
        conversion = self._conversions.get(sha256)
        if conversion is not None and conversion.state in {State.FAILED, State.READY}:
            now = dt_util.utcnow()
            self._put(conversion.again(now))
            self._go_on(now)

    async def async_keep_only(self, sha256s: Collection[str]) -> None:
        """Let go of all files but these, and of their PDFs."""
        for sha256 in self._conversions.keys() - set(sha256s):
            if task := self._running.get(sha256):
                task.cancel()
                await asyncio.wait([task])
                if self._running.get(sha256) is task:  # it had not begun, so it did not end either
                    del self._running[sha256]
            self._drop(sha256)
            await self._hass.async_add_executor_job(self._files.forget, sha256)
        self._go_on(dt_util.utcnow())

    @callback
    def _close(self) -> None:
        self._closed = True

    @callback
    def _go_on(self, now: datetime) -> None:
        """Begin what is due, as far as may be."""
        if self._server is None or self._closed:
            return
        while len(self._running) < CONVERSIONS_AT_ONCE and (
            conversion := next_up(self._conversions.values(), now)
        ):
            begun = self._conversions[conversion.sha256] = conversion.begun()
            self._running[begun.sha256] = self._entry.async_create_background_task(
                self._hass, self._run(begun, self._server), "convert an office file", eager_start=False
            )
        full = len(self._running) >= CONVERSIONS_AT_ONCE
        self._alarm.async_set(None if full else next_due(self._conversions.values()))

    async def _run(self, begun: Conversion, server: str) -> None:
        """Convert one, and go on with the next."""
        sha256 = begun.sha256
        try:
            failure = await self._try(begun, server)
        except ChangedError:
            self._drop(sha256)
        else:
            await self._end(sha256, failure, server)
        finally:
            del self._running[sha256]
        if self.state_of(sha256) is not State.PENDING:
            async_dispatcher_send(self._hass, self.ended, sha256)
        self._go_on(dt_util.utcnow())

    async def _try(self, begun: Conversion, server: str) -> Failure | None:
        """Return why there is no PDF, None once there is; raise ChangedError."""
        run = self._hass.async_add_executor_job
        try:
            work = await self._begin(begun)
            try:
                is_whole = await async_convert(self._hass, server, work)
                await run(partial(self._files.keep, work, is_whole=is_whole))
            finally:
                await asyncio.shield(run(self._files.end, work))
        except BrokenError as err:
            return err.failure
        except OSError as err:
            return Failure(trouble=Trouble.NOT_KEPT, detail=err.strerror or "")
        return None

    async def _begin(self, begun: Conversion) -> Work:
        """Open the files of a conversion; if it is broken off meanwhile, they are closed again."""
        opening = self._hass.async_add_executor_job(self._files.begin, begun)
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(self._close_again)
            raise

    @callback
    def _close_again(self, opened: asyncio.Future[Work]) -> None:
        if opened.exception() is None:
            self._hass.async_add_executor_job(self._files.end, opened.result())

    async def _end(self, sha256: str, failure: Failure | None, server: str) -> None:
        """Take in how a try ended."""
        now = dt_util.utcnow()
        if failure is None:
            self._put(self._conversions[sha256].ready())
            self._conversions = {key: each.reachable(now) for key, each in self._conversions.items()}
            return
        failed = self._conversions[sha256].failed(failure, now)
        if failed.state is State.FAILED:
            await self._note(failed, failure, server)
        self._put(failed if server == self._server else failed.again(now))

    async def _note(self, conversion: Conversion, failure: Failure, server: str) -> None:
        """Let a failure outlive a restart."""
        note = self._files.note
        try:
            await self._hass.async_add_executor_job(note, conversion.sha256, conversion.path, failure, server)
        except (WriteError, OSError) as err:
            LOGGER.warning("After a restart %s is converted once more: %s", conversion.name, err)

    @callback
    def _put(self, conversion: Conversion) -> None:
        """Show how far a conversion is; its repair stands while it has failed."""
        self._conversions[conversion.sha256] = conversion
        issue_id = self._issue_id(conversion.sha256)
        if (reason := self.reason_of(conversion.sha256)) is None:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
            return
        async_raise_issue(
            self._hass,
            self._entry,
            issue_id,
            sha256=conversion.sha256,
            is_fixable=True,
            translation_key=CONVERSION_FAILED,
            translation_placeholders={"file": plain(conversion.name), "reason": reason},
        )

    @callback
    def _drop(self, sha256: str) -> None:
        self._conversions.pop(sha256, None)
        ir.async_delete_issue(self._hass, DOMAIN, self._issue_id(sha256))

    def _issue_id(self, sha256: str) -> str:
        return f"{CONVERSION_FAILED}_{self._entry.entry_id}_{sha256}"


def _server(entry: ConfigEntry) -> str | None:
    """Return the server that converts, None if there is none."""
    return entry.options.get(CONF_GOTENBERG_URL, "").strip() or None
