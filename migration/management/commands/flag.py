"""`manage.py flag`: see, set and roll back the flags of an application; decide about changes that wait."""

import getpass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser
from django.utils import timezone

from migration import flag_board, flag_changes, flag_settings, flags
from migration.application_lookup import find_application, find_project
from migration.core.errors import FlagRefused
from migration.core.flag_effects import effects, in_words
from migration.core.flag_rules import Override
from migration.core.flags import BACKEND, MODULE_PREFIX, SWITCHES, check_key
from migration.core.own_flags import Kind
from migration.flag_changes import Wanted
from migration.models import Application, FlagChange, Revision
from migration.pages.flag_changes import verdict_of, waiting_row
from schemadiff.commands import ApplicationCommand
from schemadiff.core.errors import NotFound, Refused

_SWITCH_WORDS = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}
_AS_GLOBAL = "as-global"
_ACTIONS = {
    "list": "what holds, which backend every module uses, and what waits",
    "set": "change one flag, now or at a time",
    "rollback": "restore an earlier revision, in a new one",
    "approve": "say yes to a change that another admin asked for",
    "resume": "have a suspended change done all the same, from what holds now",
    "cancel": "give up a change that waits",
    "env": "print the flags as an environment file",
}


class Command(ApplicationCommand):
    help = "See, set and roll back the flags that say which backend an application uses."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar=" | ".join(_ACTIONS))
        made = {name: actions.add_parser(name, help=told) for name, told in _ACTIONS.items()}
        made["set"].add_argument("flag", metavar="FLAG")
        made["set"].add_argument(
            "value", metavar="VALUE", help=f"true or false; source, target or {_AS_GLOBAL}; or a variant"
        )
        made["set"].add_argument(
            "--module", metavar="M", help=f"with the flag {BACKEND}: only for this module"
        )
        made["set"].add_argument("--at", metavar="TIME", help="not before, such as 2025-12-03T14:00 (UTC)")
        made["rollback"].add_argument("revision", metavar="REVISION", help="41 or r41")
        for name in ("approve", "resume", "cancel"):
            made[name].add_argument("change", metavar="CHANGE", type=int, help="its number")
        for name in ("set", "resume"):
            made[name].add_argument("--override", metavar="TEXT", help="why, against what stands against it")
        for action in made.values():
            action.add_argument("--project", metavar="SLUG")
            action.add_argument("--application", metavar="A")
            action.add_argument("--environment", metavar="E")
        for name in ("set", "rollback"):
            made[name].add_argument("--reason", metavar="TEXT", required=True)
        for name in ("set", "rollback", "approve", "resume", "cancel"):
            made[name].add_argument(
                "--by", metavar="NAME", help="who does it, if not the user of this system"
            )

    def run(self, **options: Any) -> int:
        project = find_project(options["project"])
        if options["action"] == "list":
            self._list(project.applications.filter(**_named(options)))
            return 0
        application = find_application(project, options["application"], options["environment"])
        match options["action"]:
            case "set":
                self._set(application, options)
            case "rollback":
                self._roll_back(application, options)
            case "env":
                self.stdout.write(flag_settings.environment_file(application), ending="")
            case _:
                self._decide(application, options)
        return 0

    def _list(self, applications: Any) -> None:
        found = [flag_board.board(application) for application in applications]
        if not found:
            raise Refused("There is no such application. Add one in the browser, under Flags.")
        self.stdout.write("\n\n".join(_listed(board) for board in found))

    def _set(self, application: Application, options: dict[str, Any]) -> None:
        key = _key(options["flag"], options["module"])
        check_key(key, application.modules, application.own)
        now = flags.current(application)
        wanted = Wanted(
            changes={key: _value(application, key, options["value"])},
            reason=options["reason"],
            expected_revision=now.number,
            override=_override(options),
            at=_moment(options["at"]),
        )
        made = flag_changes.ask(application, wanted, _who(options))
        if isinstance(made, Revision):
            self._say(now, made)
        else:
            self.stdout.write(f"{application}: change {made.number} is kept. {verdict_of(made)[0]}")

    def _roll_back(self, application: Application, options: dict[str, Any]) -> None:
        number = options["revision"].removeprefix("r")
        if not (number.isascii() and number.isdigit()):
            raise Refused(f"{options['revision']!r} is no revision. Give its number, such as 41.")
        now = flags.current(application)
        made = flags.roll_back(
            application,
            int(number),
            reason=options["reason"],
            user=_who(options),
            expected_revision=now.number,
        )
        self._say(now, made)

    def _decide(self, application: Application, options: dict[str, Any]) -> None:
        change, who = flag_changes.change_of(application, options["change"]), _who(options)
        match options["action"]:
            case "approve":
                done = flag_changes.approve(change, _user(who))
            case "resume":
                now = flags.current(application).number
                done = flag_changes.resume(change, who, expected_revision=now, override=_override(options))
            case _:
                done = flag_changes.cancel(change, who)
        self.stdout.write(f"{application}: change {done.number}. {verdict_of(done)[0]}")

    def _say(self, before: Revision, after: Revision) -> None:
        application = after.application
        self.stdout.write(f"{application}: r{after.number} holds now, after r{before.number}.")
        for effect in effects(flags.flags_of(before), flags.flags_of(after), application.modules):
            self.stdout.write(f"  {effect.text}")


def _named(options: dict[str, Any]) -> dict[str, str]:
    pairs = (("name", options["application"]), ("environment", options["environment"]))
    return {field: value for field, value in pairs if value}


def _who(options: dict[str, Any]) -> str:
    return str(options["by"] or getpass.getuser())


def _user(name: str) -> User:
    """Who approves is one of the people who log in."""
    found = User.objects.filter(username=name).first()
    if found is None:
        raise NotFound(f"There is no user {name!r}. Say with --by who of the project's admins approves.")
    return found


def _override(options: dict[str, Any]) -> Override | None:
    return Override(reason=options["override"]) if options["override"] else None


def _moment(text: str | None) -> datetime | None:
    """A time, in UTC where it does not say otherwise."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise Refused(f"{text!r} is no time. Give it like 2025-12-03T14:00.") from exc
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _key(flag: str, module: str | None) -> str:
    if module is None:
        return flag
    if flag != BACKEND:
        raise FlagRefused(
            f"--module goes with the flag {BACKEND} only; {flag} is one for the whole application."
        )
    return MODULE_PREFIX + module


def _value(application: Application, key: str, text: str) -> object:
    own = next((flag for flag in application.own if flag.key == key), None)
    if own is not None and own.kind is Kind.STRING:
        return text
    if own is not None or key in SWITCHES:
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
    own = dict(board.flags.own)
    keys = [*SWITCHES, BACKEND, *(MODULE_PREFIX + row.module for row in board.modules if row.module), *own]
    width = max(map(len, keys))
    lines = [f"{head} “{board.revision.reason}”"]
    lines += [f"  {key:<{width}}  {in_words(board.flags.switch(key))}" for key in SWITCHES]
    for row in board.modules:
        key = MODULE_PREFIX + row.module if row.module else BACKEND
        value = in_words(row.wanted) if row.own or not row.module else f"{row.wanted} (as global)"
        lines.append(f"  {key:<{width}}  {value:<20}  uses {row.choice.backend}: {row.choice.reason}")
    lines += [f"  {key:<{width}}  {in_words(value)}" for key, value in own.items()]
    lines += [_waiting(change, board.revision.number) for change in flag_changes.pending(board.application)]
    return "\n".join(lines)


def _waiting(change: FlagChange, newest: int) -> str:
    row = waiting_row(change, newest)
    return f"  change {change.number} ({', '.join(row.words)}): {verdict_of(change)[0]}"
