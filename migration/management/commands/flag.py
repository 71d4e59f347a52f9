"""`manage.py flag`: see, set and roll back the flags of an application."""

import getpass
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from migration import flag_board, flags
from migration.application_lookup import find_application, find_project
from migration.core.errors import FlagRefused
from migration.core.flag_effects import effects, in_words
from migration.core.flags import BACKEND, MODULE_PREFIX, SWITCHES, check_key
from migration.models import Application, Revision
from schemadiff.commands import ApplicationCommand
from schemadiff.core.errors import Refused

_SWITCH_WORDS = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}
_AS_GLOBAL = "as-global"


class Command(ApplicationCommand):
    help = "See, set and roll back the flags that say which backend an application uses."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="list | set | rollback")
        listing = actions.add_parser("list", help="what holds, and which backend every module uses")
        setting = actions.add_parser("set", help="change one flag, in a new revision")
        setting.add_argument("flag", metavar="FLAG")
        setting.add_argument("value", metavar="VALUE", help=f"true or false; source, target or {_AS_GLOBAL}")
        setting.add_argument("--module", metavar="M", help=f"with the flag {BACKEND}: only for this module")
        rolling = actions.add_parser("rollback", help="restore an earlier revision, in a new one")
        rolling.add_argument("revision", metavar="REVISION", help="41 or r41")
        for action in (listing, setting, rolling):
            action.add_argument("--project", metavar="SLUG")
            action.add_argument("--application", metavar="A")
            action.add_argument("--environment", metavar="E")
        for action in (setting, rolling):
            action.add_argument("--reason", metavar="TEXT", required=True)
            action.add_argument("--by", metavar="NAME", help="who does it, if not the user of this system")

    def run(self, **options: Any) -> int:
        project = find_project(options["project"])
        if options["action"] == "list":
            self._list(project.applications.filter(**_named(options)))
            return 0
        application = find_application(project, options["application"], options["environment"])
        if options["action"] == "set":
            return self._set(application, options)
        return self._roll_back(application, options)

    def _list(self, applications: Any) -> None:
        found = [flag_board.board(application) for application in applications]
        if not found:
            raise Refused("There is no such application. Add one in the browser, under Flags.")
        self.stdout.write("\n\n".join(_listed(board) for board in found))

    def _set(self, application: Application, options: dict[str, Any]) -> int:
        key = _key(options["flag"], options["module"])
        check_key(key, application.modules)
        now = flags.current(application)
        changes = {key: _value(key, options["value"])}
        made = flags.change(
            application,
            changes,
            reason=options["reason"],
            user=options["by"] or getpass.getuser(),
            expected_revision=now.number,
        )
        self._say(now, made)
        return 0

    def _roll_back(self, application: Application, options: dict[str, Any]) -> int:
        number = options["revision"].removeprefix("r")
        if not (number.isascii() and number.isdigit()):
            raise Refused(f"{options['revision']!r} is no revision. Give its number, such as 41.")
        now = flags.current(application)
        made = flags.roll_back(
            application,
            int(number),
            reason=options["reason"],
            user=options["by"] or getpass.getuser(),
            expected_revision=now.number,
        )
        self._say(now, made)
        return 0

    def _say(self, before: Revision, after: Revision) -> None:
        application = after.application
        self.stdout.write(f"{application}: r{after.number} holds now, after r{before.number}.")
        for effect in effects(flags.flags_of(before), flags.flags_of(after), application.modules):
            self.stdout.write(f"  {effect.text}")


def _named(options: dict[str, Any]) -> dict[str, str]:
    pairs = (("name", options["application"]), ("environment", options["environment"]))
    return {field: value for field, value in pairs if value}


def _key(flag: str, module: str | None) -> str:
    if module is None:
        return flag
    if flag != BACKEND:
        raise FlagRefused(
            f"--module goes with the flag {BACKEND} only; {flag} is one for the whole application."
        )
    return MODULE_PREFIX + module


def _value(key: str, text: str) -> object:
    if key in SWITCHES:
        if text.lower() not in _SWITCH_WORDS:
            raise FlagRefused(f"{key} is true or false, not {text!r}.")
        return _SWITCH_WORDS[text.lower()]
    if key.startswith(MODULE_PREFIX) and text.lower() == _AS_GLOBAL:
        return None
    return text.lower()


def _listed(board: flag_board.Board) -> str:
    """One application as lines."""
    at = timezone.localtime(board.revision.created_at)
    head = f"{board.application}: r{board.revision.number}, {board.revision.author_name}, {at:%d %b %Y %H:%M}"
    keys = [*SWITCHES, BACKEND, *(MODULE_PREFIX + row.module for row in board.modules if row.module)]
    width = max(map(len, keys))
    lines = [f"{head} “{board.revision.reason}”"]
    lines += [f"  {key:<{width}}  {in_words(board.flags.switch(key))}" for key in SWITCHES]
    for row in board.modules:
        key = MODULE_PREFIX + row.module if row.module else BACKEND
        value = in_words(row.wanted) if row.own or not row.module else f"{row.wanted} (as global)"
        lines.append(f"  {key:<{width}}  {value:<20}  uses {row.choice.backend}: {row.choice.reason}")
    return "\n".join(lines)
