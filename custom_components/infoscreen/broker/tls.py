"""Trust between a broker and us: certificates as text, and what is made of them."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
import ssl
from tempfile import TemporaryDirectory
from typing import Any, Final, Self

from homeassistant.util.ssl import create_client_context

from ..const import CONF_CERTIFICATE, CONF_CLIENT_CERT, CONF_CLIENT_KEY, CONF_TLS_INSECURE, TRY_TIMEOUT

# A broker has nothing to say before it is spoken to, except that it does not trust us; then within that.
_OBJECTION_SECONDS: Final = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Trust:
    """Whom we trust, and by what we are trusted; all PEM."""

    certificate: str | None
    client_cert: str | None
    client_key: str | None = field(repr=False)
    insecure: bool

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read an entry's data."""
        return cls(
            certificate=data.get(CONF_CERTIFICATE),
            client_cert=data.get(CONF_CLIENT_CERT),
            client_key=data.get(CONF_CLIENT_KEY),
            insecure=data.get(CONF_TLS_INSECURE, False),
        )

    def context(self) -> ssl.SSLContext:
        """Return what a connection is made with; it reads files, so not in the event loop."""
        if self.certificate is None:
            context = create_client_context()
        else:
            # Not `create_default_context`: its strictness refuses what home-made authorities mostly issue.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(cadata=self.certificate)
        context.check_hostname = not self.insecure
        if self.client_cert is not None and self.client_key is not None:
            # OpenSSL takes a certificate of our own from a file only; nobody else may read this folder.
            with TemporaryDirectory(prefix="infoscreen-") as folder:
                chain = Path(folder) / "client.pem"
                chain.write_text(f"{self.client_cert}\n{self.client_key}", encoding="utf-8")
                context.load_cert_chain(chain)
        return context


async def async_shake_hands(host: str, port: int, context: ssl.SSLContext) -> None:
    """See that both sides trust each other; raise SSLError, or OSError where nobody is there."""
    async with asyncio.timeout(TRY_TIMEOUT.total_seconds()):
        reader, writer = await asyncio.open_connection(host, port, ssl=context)
    try:
        async with asyncio.timeout(_OBJECTION_SECONDS):
            await reader.read(1)
        raise ssl.SSLError("the broker closed the connection after the handshake")
    except TimeoutError:
        return
    finally:
        writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(_OBJECTION_SECONDS):
                await writer.wait_closed()
