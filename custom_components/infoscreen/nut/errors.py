"""Why a NUT server did not do as asked; each carries the server's own words, where there are any."""


class NutError(Exception):
    """The base of all of them."""


class NameNotFoundError(NutError):
    """The name of the host leads nowhere."""


class CannotConnectError(NutError):
    """Nobody answers, or not to the end."""


class TimedOutError(CannotConnectError):
    """There was no answer in time."""


class NotNutError(NutError):
    """Something answers, but no NUT server."""


class DeniedError(NutError):
    """The server wants another login, or gives this one no leave."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class RefusedError(NutError):
    """The server says no, by one word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BadLoginError(NutError):
    """A user name or password that cannot be said in the protocol."""
