"""Tells people of certificates that are about to expire, while there is time to have new ones issued."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from .broker.tls import certificate_end, client_cert_end
from .const import CONF_CERTIFICATE, CONF_CLIENT_CERT, DOMAIN
from .issues import async_raise_issue

# Authorities take days, people go on holiday.
_NOTICE: Final = timedelta(days=30)
_EVERY: Final = timedelta(days=1)
_ENDS: Final[dict[str, Callable[[str], datetime]]] = {
    CONF_CERTIFICATE: certificate_end,
    CONF_CLIENT_CERT: client_cert_end,
}


def _issue_id(entry: ConfigEntry, name: str) -> str:
    return f"certificate_expiring_{name}_{entry.entry_id}"


@callback
def async_watch_certificates(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Look at an entry's certificates now and daily."""

    @callback
    def look(now: datetime) -> None:
        """Raise what is due, and take back what is not."""
        for name, end_of in _ENDS.items():
            pem = entry.data.get(name)
            if pem is None or (end := end_of(pem)) - now > _NOTICE:
                ir.async_delete_issue(hass, DOMAIN, _issue_id(entry, name))
                continue
            async_raise_issue(
                hass,
                entry,
                _issue_id(entry, name),
                translation_key=f"certificate_expiring_{name}",
                translation_placeholders={
                    "fleet": entry.title,
                    "date": dt_util.as_local(end).date().isoformat(),
                },
            )

    look(dt_util.utcnow())
    entry.async_on_unload(
        async_track_time_interval(hass, look, _EVERY, name="certificates", cancel_on_shutdown=True)
    )
