"""Runs a management command and turns its end into an exit code.

0 fine, 1 could not (wrong usage too), 2 found something, 130 interrupted. What people can act on is said in
one sentence without passwords; `--traceback` shows where it came from.
"""

import io
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from types import FrameType
from typing import NoReturn

import psycopg

from schemadiff.core.errors import SchemadiffError

# They need only what is named on the command line; Django's set-up would take a good part of their time.
_ALONE = ("compare", "match", "snapshot")


_COMMANDS: list[object] = []  # those that were run alone


class Exit(SystemExit):
    """A command's own exit code, told apart from the 2 of a wrong usage."""


def main(argv: list[str]) -> int:
    """Run the command line `argv`; returns the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    signal.signal(signal.SIGTERM, _terminate)
    _speak_utf8()
    try:
        code = _execute(argv)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _execute(argv: list[str]) -> int:
    if len(argv) > 1 and argv[1] in _ALONE:
        return _outcome(_run_alone, argv)
    from django.core.management import execute_from_command_line

    return _outcome(execute_from_command_line, argv)


def _run_alone(argv: list[str]) -> None:
    command = import_module(f"schemadiff.management.commands.{argv[1]}").Command()
    _COMMANDS.append(command)
    command.run_alone(argv)


def leave(code: int) -> NoReturn:
    """End the process with the code `main` returned.

    What a command keeps (two large schemas) is not given back object by object, which takes a while: nothing that has
    to be closed is left open by then.
    """
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    if _COMMANDS:
        os._exit(code)
    sys.exit(code)


def _outcome(run: Callable[[list[str]], None], argv: list[str]) -> int:
    from django.db import OperationalError

    try:
        run(argv)
    except Exit as done:
        return _number(done.code)
    except SystemExit as done:
        return 1 if done.code == 2 else _number(done.code)  # argparse says 2 to a wrong usage
    except (SchemadiffError, OperationalError, psycopg.OperationalError, psycopg.InterfaceError) as exc:
        if "--traceback" in argv:
            raise
        from schemadiff.secrets import redact  # cryptography takes its time, and is seldom needed

        print(redact(_sentence_of(exc)), file=sys.stderr)
        return 1
    return 0


def _sentence_of(error: Exception) -> str:
    """What the libraries below say of a connection that is lost tells nobody what to do."""
    from schemadiff.connection_errors import is_lost

    if isinstance(error, psycopg.Error) and error.pgconn is None and is_lost(error):
        return "The connection to a database was lost. Give the command again when its server is back."
    return " ".join(str(error).split())


def _speak_utf8() -> None:
    """Whatever the locale says: names are in any script, and JSON and SQL go to files."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _number(code: object) -> int:
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr)
    return 1


def _terminate(number: int, frame: FrameType | None) -> None:
    """SIGTERM ends like an interrupt does: everything open is closed on the way out."""
    raise SystemExit(128 + number)
