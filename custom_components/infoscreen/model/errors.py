"""Refusals, named so that every language can tell them."""


class Refused(Exception):
    """A wish the model turns down: a translation key and what its text is about."""

    def __init__(self, key: str, **placeholders: str) -> None:
        super().__init__(key)
        self.key = key
        self.placeholders = placeholders
