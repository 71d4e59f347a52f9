"""`manage.py report`: the context document. Where are we, and why did we decide so."""

from typing import Any

from django.core.management.base import CommandParser

from migration.application_lookup import find_project
from migration.context_document import FORMATS, write
from migration.status import status_of
from schemadiff.commands import ApplicationCommand


class Command(ApplicationCommand):
    help = "Print the context document: where are we, and why did we decide so."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=sorted(FORMATS), default="markdown")
        parser.add_argument("--project", metavar="SLUG", help="needed where there is more than one")

    def run(self, **options: Any) -> int:
        status = status_of(find_project(options["project"]))
        self.stdout.write(write(status, options["format"]), ending="")
        return 0
