"""Rules for upsd.users, in which stands who may command UPSes; nothing of a line is repeated but its user."""

from typing import Final

from .findings import Report
from .sections import Entry, Section, sections_of

_ACTIONS: Final = {"SET", "FSD"}
_ROLES: Final = {"primary", "secondary"}
_OLD_ROLES: Final = {"master", "slave"}
_LISTS: Final = ("actions", "instcmds")


def check_upsd_users(text: str, report: Report) -> None:
    """Report what is wrong."""
    head, *users = sections_of(text, report)
    for entry in head.entries:
        report.warning(entry.line, "before_any_user")
    first: dict[str, Section] = {}
    passwords: dict[str, list[Entry]] = {}
    owner = ""
    for user in users:
        if user.name in first:
            line = f"{first[user.name].line}"
            report.error(user.line, "user_twice", user=user.name, first=line, other=owner)
        else:
            owner = user.name
            first[owner], passwords[owner] = user, []
        # Below a header that stands there twice, lines are added to the user above it.
        passwords[owner] += _passwords(user)
        for entry in user.entries:
            _check_entry(entry, owner, report)
    for name, given in passwords.items():
        _check_passwords(first[name], given, report)


def _passwords(user: Section) -> list[Entry]:
    return [entry for entry in user.entries if entry.key.casefold() == "password" and entry.value]


def _check_passwords(user: Section, given: list[Entry], report: Report) -> None:
    if not given:
        report.error(user.line, "password_missing", user=user.name)
    for entry in given[1:]:
        report.warning(entry.line, "password_twice", user=user.name)


def _check_entry(entry: Entry, user: str, report: Report) -> None:
    key = entry.key.casefold()
    if key == "upsmon":
        _check_role(entry, user, report)
    elif key == "allowfrom":
        report.warning(entry.line, "allowfrom_gone", user=user)
    elif key not in {"password", *_LISTS}:
        report.warning(entry.line, "setting_unknown", user=user)
    elif not entry.equals and entry.values:
        report.error(entry.line, "equals_missing")
    elif not entry.value:
        report.warning(entry.line, "value_missing", key=key)
    elif key == "password":
        _check_value(entry, user, report)
    else:
        _check_list(entry, key, user, report)


def _check_value(entry: Entry, user: str, report: Report) -> None:
    if entry.is_cut:
        report.error(entry.line, "password_cut", user=user)
    if entry.not_ascii:
        report.error(entry.line, "password_not_ascii", user=user)


def _check_list(entry: Entry, key: str, user: str, report: Report) -> None:
    """Check the words after actions or instcmds; upsd takes each as it stands, commas included."""
    words = [word.text for word in entry.values]
    if any("," in word for word in words):
        report.error(entry.line, "commas", user=user, key=key)
    elif any(word == "=" for word in words):
        report.error(entry.line, "two_settings", user=user, key=key)
    elif key == "actions" and any(word.upper() not in _ACTIONS for word in words):
        report.error(entry.line, "action_unknown", user=user)


def _check_role(entry: Entry, user: str, report: Report) -> None:
    role = entry.values[0].text.casefold() if entry.values else ""
    if entry.equals:
        report.warning(entry.line, "upsmon_with_equals", user=user)
    if role in _OLD_ROLES:
        report.info(entry.line, "upsmon_old_role", user=user)
    elif role not in _ROLES:
        report.error(entry.line, "upsmon_role_unknown", user=user)
