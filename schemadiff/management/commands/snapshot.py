"""`manage.py snapshot`: save a database's schema as JSON."""

import json
import os
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from schemadiff.commands import SchemadiffCommand
from schemadiff.core.errors import SchemadiffError
from schemadiff.core.snapshot import fingerprint, to_json
from schemadiff.databases import resolve
from schemadiff.saved_names import addresses_of


class Command(SchemadiffCommand):
    help = "Save a database's schema as JSON, for comparing it later. It holds no rows and no password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "database", help="connection URI or keywords, service=NAME, @NAME, .sql file or folder"
        )
        parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: standard output")
        parser.add_argument("--trust-sql", action="store_true", help="load your own .sql files as superuser")

    def run(self, **options: Any) -> int:
        saved = addresses_of(options["database"])
        with resolve(options["database"], saved=saved.__getitem__, trust_sql=options["trust_sql"]) as side:
            catalog = side.catalog()
        text = json.dumps(to_json(catalog), ensure_ascii=False, indent=1) + "\n"
        if options["output"] is None:
            self.stdout.write(text, ending="")
            return 0
        _write(options["output"], text)
        self.stderr.write(
            f"{options['output']}: {side.label}, {len(catalog.tables)} tables, fingerprint {fingerprint(catalog)}"
        )
        return 0


def _write(path: Path, text: str) -> None:
    """Completely or not at all: a reader never sees half a file."""
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as draft:
            draft.write(text)
        os.replace(draft.name, path)
    except OSError as exc:
        raise SchemadiffError(f"{path} could not be written: {exc.strerror}.") from exc
