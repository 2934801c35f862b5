"""Trust between a broker and us: certificates as text, and what is made of them."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
import ssl
from tempfile import TemporaryDirectory
from typing import Any, Final, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificates
from homeassistant.util.ssl import create_client_context

from ..const import CONF_CERTIFICATE, CONF_CLIENT_CERT, CONF_CLIENT_KEY, CONF_TLS_INSECURE, TRY_TIMEOUT
from ..model.errors import Refused

# A broker has nothing to say before it is spoken to, except that it does not trust us; then within that.
_OBJECTION_SECONDS: Final = 1.0


def checked_certificate(pem: str, now: datetime) -> None:
    """Refuse what is no certificate of an authority, or not any more."""
    try:
        end = certificate_end(pem)
    except ValueError as err:
        raise Refused("bad_certificate", field=CONF_CERTIFICATE) from err
    if end <= now:
        raise Refused("certificate_expired", field=CONF_CERTIFICATE)


def checked_client_cert(cert: str, key: str, now: datetime) -> None:
    """Refuse a certificate of our own, or its key, that the broker would refuse."""
    try:
        end, ours = client_cert_end(cert), load_pem_x509_certificates(cert.encode())[0].public_key()
    except ValueError as err:
        raise Refused("bad_client_cert", field=CONF_CLIENT_CERT) from err
    if end <= now:
        raise Refused("client_cert_expired", field=CONF_CLIENT_CERT)
    try:
        private = load_pem_private_key(key.encode(), password=None)
    except TypeError as err:
        raise Refused("client_key_encrypted", field=CONF_CLIENT_KEY) from err
    except (ValueError, UnsupportedAlgorithm) as err:
        raise Refused("bad_client_key", field=CONF_CLIENT_KEY) from err
    if private.public_key() != ours:
        raise Refused("client_key_mismatch", field=CONF_CLIENT_KEY)


def certificate_end(pem: str) -> datetime:
    """Return when the last of some authorities' certificates expires; an old one beside it does no harm."""
    return max(each.not_valid_after_utc for each in load_pem_x509_certificates(pem.encode()))


def client_cert_end(pem: str) -> datetime:
    """Return when the first certificate of a chain expires."""
    return min(each.not_valid_after_utc for each in load_pem_x509_certificates(pem.encode()))


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
