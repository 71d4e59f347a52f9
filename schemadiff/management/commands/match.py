"""`manage.py match`: the column matcher by itself, for measuring it."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from schemadiff.commands import SchemadiffCommand
from schemadiff.core.errors import NotFound, Refused
from schemadiff.core.mapping import Certainty
from schemadiff.core.matching import match_cases


class Command(SchemadiffCommand):
    help = "Match the columns of every case in a file; the format is that of docs/reference/matching.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("cases", metavar="CASES.json", type=Path)
        parser.add_argument("out", metavar="OUT.json", type=Path)

    def run(self, **options: Any) -> int:
        result = match_cases(_read(options["cases"]))
        _write(options["out"], result)
        cases = result["cases"]
        pairs = sum(len(case["pairs"]) for case in cases)
        counts = Counter(pair["certainty"] for case in cases for pair in case["pairs"])
        told = ", ".join(f"{counts[each.value]:,} {each.value}" for each in Certainty)
        near = sum(len(case["near_misses"]) for case in cases)
        self.stdout.write(
            f"{pairs:,} pairs in {len(cases):,} cases ({told}) and {near:,} left out that were near, "
            f"written to {options['out']}."
        )
        return 0


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise NotFound(f"{path} could not be read: {exc.strerror}.") from exc
    except ValueError as exc:
        raise Refused(f"{path} is not JSON: {exc}.") from exc


def _write(path: Path, result: dict[str, Any]) -> None:
    try:
        path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as exc:
        raise Refused(f"{path} could not be written: {exc.strerror}.") from exc
