"""What programs fetch over HTTP."""

from http import HTTPStatus

from aiohttp.hdrs import ACCEPT_LANGUAGE
from aiohttp.web import Request, Response
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView

from .const import DOMAIN
from .media_views import async_register_media_views
from .model.alerts import Level
from .rights import async_alerts_for
from .screenshot_view import ScreenshotView
from .texts import async_text, language_for


@callback
def async_register_views(hass: HomeAssistant) -> None:
    """Register the views, which are there whether or not a fleet is loaded."""
    hass.http.register_view(AlertsView())
    hass.http.register_view(ScreenshotView())
    async_register_media_views(hass)


class AlertsView(HomeAssistantView):
    """All alerts that stand, or those of one level."""

    url = f"/api/{DOMAIN}/alerts"
    name = f"api:{DOMAIN}:alerts"

    @callback
    def get(self, request: Request) -> Response:
        """Return the alerts that whoever asks may read."""
        hass = request.app[KEY_HASS]
        language = language_for(hass, request.query.get("language"), request.headers.get(ACCEPT_LANGUAGE, ""))
        level = request.query.get("level")
        if level is not None and level not in set(Level):
            levels = ", ".join(Level)
            text = async_text(hass, language, "alert_level_unknown", {"level": level, "levels": levels})
            return self.json_message(text, HTTPStatus.BAD_REQUEST, "alert_level_unknown")
        standing = [
            (alert, alerts)
            for alerts in async_alerts_for(hass, request["hass_user"])
            for alert in alerts.standing
            if level in {None, alert.level}
        ]
        standing.sort(key=lambda each: each[0].rank)
        return self.json({"alerts": [alerts.async_told(alert, language) for alert, alerts in standing]})
