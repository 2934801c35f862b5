"""The form of a broker of our own: what it asks, and what is made of the answers."""

from collections.abc import Mapping
import re
from typing import Any, Final

from homeassistant.components.file_upload import process_uploaded_file
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    BooleanSelector,
    FileSelector,
    FileSelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .broker.tls import checked_certificate, checked_client_cert
from .const import (
    CONF_CERTIFICATE,
    CONF_CLIENT_CERT,
    CONF_CLIENT_KEY,
    CONF_TLS,
    CONF_TLS_INSECURE,
    DEFAULT_PORT,
    DEFAULT_TLS_PORT,
)
from .model.errors import Refused

_PASSWORD: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)
_CERTIFICATE: Final = FileSelector(FileSelectorConfig(accept=".pem,.crt,.cer,application/x-x509-ca-cert"))
_KEY: Final = FileSelector(FileSelectorConfig(accept=".pem,.key,application/pkcs8"))

BROKER_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_HOST): TextSelector(),
        vol.Optional(CONF_PORT): vol.All(
            NumberSelector(NumberSelectorConfig(min=1, max=65535, step=1, mode=NumberSelectorMode.BOX)),
            vol.Coerce(int),
        ),
        vol.Optional(CONF_USERNAME): TextSelector(TextSelectorConfig(autocomplete="username")),
        vol.Optional(CONF_PASSWORD): _PASSWORD,
        vol.Required(CONF_TLS, default=False): BooleanSelector(),
        vol.Optional(CONF_CERTIFICATE): _CERTIFICATE,
        vol.Optional(CONF_CLIENT_CERT): _CERTIFICATE,
        vol.Optional(CONF_CLIENT_KEY): _KEY,
        vol.Required(CONF_TLS_INSECURE, default=False): BooleanSelector(),
    }
)
LOGIN_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_USERNAME): TextSelector(TextSelectorConfig(autocomplete="username")),
        vol.Required(CONF_PASSWORD): _PASSWORD,
    }
)
#: What of a connection a form shows again; secrets and files are kept, never shown.
SHOWN: Final = (CONF_HOST, CONF_PORT, CONF_USERNAME, CONF_TLS, CONF_TLS_INSECURE)

_FILES: Final = (CONF_CERTIFICATE, CONF_CLIENT_CERT, CONF_CLIENT_KEY)
HOST: Final = re.compile(r"[^\s/@?#]{1,253}")


class ConnectionForm:
    """Reads a form, as often as it is sent: an uploaded file can be fetched only once."""

    def __init__(self) -> None:
        self._fetched: dict[str, str] = {}

    async def async_read(
        self, hass: HomeAssistant, given: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return an entry's data; a password or file left empty stays what it was. Raise Refused."""
        host = given[CONF_HOST].strip().lower()
        if not HOST.fullmatch(host):
            raise Refused("invalid_host", field=CONF_HOST)
        tls = given[CONF_TLS]
        data = {
            CONF_HOST: host,
            CONF_PORT: given.get(CONF_PORT, DEFAULT_TLS_PORT if tls else DEFAULT_PORT),
            CONF_TLS: tls,
            CONF_TLS_INSECURE: given[CONF_TLS_INSECURE],
        }
        if username := given.get(CONF_USERNAME, "").strip():
            password = given.get(CONF_PASSWORD) or known.get(CONF_PASSWORD, "")
            data |= {CONF_USERNAME: username, CONF_PASSWORD: password}
        return data | await self._read_files(hass, given, known)

    async def _read_files(
        self, hass: HomeAssistant, given: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, str]:
        """Return the texts of the files that TLS needs, checked."""
        files = {name: await self._fetch(hass, name, given[name]) for name in _FILES if name in given}
        if not given[CONF_TLS]:
            if files:
                raise Refused("files_need_tls", field=CONF_TLS)
            return {}
        files = {name: known[name] for name in _FILES if name in known} | files
        now = dt_util.utcnow()
        if CONF_CERTIFICATE in files:
            checked_certificate(files[CONF_CERTIFICATE], now)
        if (CONF_CLIENT_CERT in files) is not (CONF_CLIENT_KEY in files):
            raise Refused("client_pair_incomplete", field=CONF_CLIENT_KEY)
        if CONF_CLIENT_CERT in files:
            checked_client_cert(files[CONF_CLIENT_CERT], files[CONF_CLIENT_KEY], now)
        return files

    async def _fetch(self, hass: HomeAssistant, name: str, file_id: str) -> str:
        """Return the text of an uploaded file; what is no text is no PEM either."""

        def fetch() -> str:
            with process_uploaded_file(hass, file_id) as path:
                return path.read_text(encoding="utf-8", errors="replace")

        if file_id not in self._fetched:
            try:
                self._fetched[file_id] = await hass.async_add_executor_job(fetch)
            except ValueError as err:
                raise Refused("file_gone", field=name) from err
        return self._fetched[file_id]
