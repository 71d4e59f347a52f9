"""What all our management commands share. `config.commandline` says what their exit codes mean."""

import sys
from abc import ABC, abstractmethod
from functools import partial
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.commandline import Exit


class SchemadiffCommand(BaseCommand, ABC):
    """A command that returns an exit code and touches the application's database only if it says so.

    SchemadiffError may leave it: the command line shows its sentence and exits with 1.
    """

    requires_system_checks = []
    suppressed_base_arguments = {
        "--version",
        "--settings",
        "--pythonpath",
        "--force-color",
        "--skip-checks",
    }

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        setattr(parser, "error", partial(_complain, parser, subcommand))  # noqa: B010 - a method of that one
        return parser

    @abstractmethod
    def run(self, **options: Any) -> int:
        """Do the work; returns 0 for fine, 2 for found something."""

    def handle(self, *args: Any, **options: Any) -> None:
        code = self.run(**options)
        if code:
            raise Exit(code)

    def run_alone(self, argv: list[str]) -> None:
        """As run_from_argv(), and no setting is read and no application loaded: that takes longer than small work."""
        self._called_from_command_line = True
        parser = self.create_parser(argv[0], argv[1])
        options = vars(parser.parse_args(argv[2:]))
        try:
            self.execute(*options.pop("args", ()), **options)
        except CommandError as error:
            raise Exit(str(error)) from error


def _complain(parser: CommandParser, command: str, message: str) -> NoReturn:
    """What is wrong comes first, then what would be right."""
    print(f"{command}: {message.rstrip('.')}.", file=sys.stderr)
    parser.print_usage(sys.stderr)
    parser.exit(2)


class ApplicationCommand(SchemadiffCommand):
    """A command that needs the application's database: it runs while the command does."""

    def handle(self, *args: Any, **options: Any) -> None:
        from config import appdb  # needs the settings, which nothing else here does

        with appdb.in_use():
            super().handle(*args, **options)
