"""`manage.py demo`: everything in one: servers, the example, the web server, a worker."""

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from config import demo
from schemadiff.commands import SchemadiffCommand


class Command(SchemadiffCommand):
    help = (
        "Show the application at work: start three PostgreSQL servers with the example, the web server"
        " and a worker, and print address and logins. Ctrl-C ends all of it; the data stays."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=_port, default=8000, help="of the web server, default 8000")
        parser.add_argument("--data", type=Path, metavar="DIR", help="where the data is kept, default .data")
        parser.add_argument(
            "--writer",
            action="store_true",
            help="let an application write to the demo's database meanwhile, as the flags of crm say",
        )
        parser.add_argument("--no-browser", action="store_true", help="do not open a browser")

    def run(self, **options: Any) -> int:
        data: Path = options["data"] or settings.DATA_DIR
        opened = (lambda address: None) if options["no_browser"] else demo.open_browser
        demo.run(
            data.expanduser().resolve(),
            options["port"],
            say=self._say,
            opened=opened,
            writes=options["writer"],
        )
        return 0

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _port(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port number (0 to 65535; 0 takes a free one)")
    return port
