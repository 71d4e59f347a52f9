"""`manage.py compare`: what differs between two databases."""

import gc
import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemadiff.beside import worked_out_beside
from schemadiff.commands import SchemadiffCommand
from schemadiff.core.errors import Refused
from schemadiff.databases import Side, connect, resolve
from schemadiff.introspection import Values
from schemadiff.saved_names import addresses_of

if TYPE_CHECKING:
    from schemadiff.core.catalog import Catalog
    from schemadiff.core.mapping import Mapping
    from schemadiff.core.noise.rules import Rules
    from schemadiff.core.plan import Statement
    from schemadiff.core.planner import Mode
    from schemadiff.reports.report import Report

_FORMATS = ("text", "json", "sql", "markdown", "html")
_DIFFERENT = 2
_MOST_SAMPLES = 100
_SWITCH_INTERVAL = 0.0005  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What of the two is compared, and how it is to be shown."""

    schemas: tuple[str, ...]
    renamed: dict[str, str]
    mapping: "Mapping | None"
    rules: "Rules | None"
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """One side; `note` says which files it was made of."""

    label: str
    note: str
    catalog: "Catalog"
    dsn: str | None  # of a database that people keep rows in


class Command(SchemadiffCommand):
    help = (
        "Show what differs between two databases' schemas. Exits with 0 if nothing does, 2 if something does,"
        " 1 if they could not be compared."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        database = "connection URI or keywords, service=NAME, @NAME, snapshot .json, .sql file or folder"
        parser.add_argument("source", help=f"where the data is now: {database}")
        parser.add_argument("target", help="where it goes: the same")
        parser.add_argument("--format", choices=_FORMATS, default="text", help="default text")
        parser.add_argument("--mapping", type=Path, metavar="FILE", help="confirmed renames")
        parser.add_argument(
            "--schema", nargs="+", action="extend", metavar="NAME", default=[], help="only these schemas"
        )
        parser.add_argument(
            "--schema-map",
            nargs="+",
            action="extend",
            metavar="A=B",
            default=[],
            help="the source's schema A is the target's B",
        )
        parser.add_argument(
            "--select",
            nargs="+",
            action="extend",
            metavar="NAME",
            default=[],
            help="only these objects and what they need: public.clients, 'function:public.f(integer)', 'tmp.*'",
        )
        parser.add_argument(
            "--rules", type=Path, metavar="FILE", help="what is to be ignored, and why (TOML)"
        )
        parser.add_argument(
            "--fail-on", choices=("breaking",), help="exit with 2 only for what breaks users of the target"
        )
        parser.add_argument(
            "--online", action="store_true", help="as sql: a script that lets readers and writers go on"
        )
        parser.add_argument(
            "--rows", action="store_true", help="count the target's rows that are in the way of the plan"
        )
        parser.add_argument(
            "--samples",
            type=int,
            default=0,
            metavar="N",
            help="with --rows: show up to N of the rows, values and all, of each check (default 0: counts alone)",
        )
        parser.add_argument(
            "--prove", action="store_true", help="replay the plan on a scratch copy of the target's schema"
        )
        parser.add_argument("--trust-sql", action="store_true", help="load your own .sql files as superuser")

    def run(self, **options: Any) -> int:
        asked = _Asked(
            schemas=tuple(options["schema"]),
            renamed=_pairs(options["schema_map"]),
            mapping=_mapping(options["mapping"]),
            rules=_rules(options["rules"]),
            names=tuple(options["select"]),
        )
        with _nothing_collected():
            source, target = _read_both(
                options["source"], options["target"], form=options["format"], trust_sql=options["trust_sql"]
            )
            sides = _compared(source, target, asked)
            with _fingerprint_of(sides[1], options["format"]) as fingerprint_of:
                report = _report(source, target, sides, asked)
                if options["rows"]:
                    _try_expressions(source, target, asked)
                    report = _with_rows(
                        report, target, _mode(options["online"]), _samples(options["samples"])
                    )
                if options["prove"]:
                    report = _proven(report, _mode(options["online"]))
                text = _written(report, options["format"], _mode(options["online"]), fingerprint_of)
        self.kept = (source, target, report)
        self.stdout.write(text, ending="")
        if report.proof and not report.proof.holds:
            raise Refused(report.proof.sentence)
        if options["fail_on"] == "breaking":
            return _DIFFERENT if report.breaking else 0
        return 0 if report.diff.is_empty else _DIFFERENT


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Catalogs hold no circles: looking through ten thousands of objects for some takes a quarter of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _mapping(path: Path | None) -> "Mapping | None":
    if path is None:
        return None
    from schemadiff.core.mapping_file import load  # it brings an SQL parser, which is slow to import

    return load(_text(path, "mapping"))


def _rules(path: Path | None) -> "Rules | None":
    if path is None:
        return None
    from schemadiff.core.noise.rules_file import load

    return load(_text(path, "rules"), path.name)


def _text(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise Refused(f"The {what} file {path} could not be read: {_reason(exc)}.") from exc


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or "unknown error" if isinstance(error, OSError) else "it is not UTF-8"


def _pairs(arguments: list[str]) -> dict[str, str]:
    found = {}
    for argument in arguments:
        name, sign, other = argument.partition("=")
        if not (name and sign and other):
            raise Refused(
                f"--schema-map takes A=B (the source's schema A is the target's B), not {argument}."
            )
        found[name] = other
    return found


def _read_both(source: str, target: str, *, form: str, trust_sql: bool) -> tuple[_Read, _Read]:
    """Either side, read at the same time."""
    saved = addresses_of(source, target)
    read = partial(_read, saved=saved, trust_sql=trust_sql, values=Values())
    with _answers_taken_soon(), ThreadPoolExecutor(max_workers=2) as pool:
        sides = [pool.submit(read, source), pool.submit(read, target)]
        _import_the_rest(form)
        return sides[0].result(), sides[1].result()


@contextmanager
def _answers_taken_soon() -> Iterator[None]:
    """A thread takes in 16 kB of an answer at a time. As Python switches threads it would wait 5 ms for the others
    each time, and the server with it."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_INTERVAL)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _import_the_rest(form: str) -> None:
    """What is needed once both sides are read: there is time while the servers work."""
    import schemadiff.core.schema_scope
    import schemadiff.reports.report

    if form == "sql":
        import schemadiff.core.planner  # noqa: F401
    else:
        import_module(f"schemadiff.reports.as_{form}")


def _read(argument: str, *, saved: dict[str, str], trust_sql: bool, values: Values) -> _Read:
    side: Side
    with resolve(argument, saved=saved.__getitem__, trust_sql=trust_sql, values=values) as side:
        dsn = None if os.path.exists(argument) else side.dsn
        return _Read(label=side.label, note=side.note, catalog=side.catalog(), dsn=dsn)


def _compared(source: _Read, target: _Read, asked: _Asked) -> tuple["Catalog", "Catalog"]:
    """What of the two is wanted, under the target's names."""
    from schemadiff.core.schema_scope import only_schemas, rename_schemas
    from schemadiff.core.view_text import aligned

    left, right = rename_schemas(source.catalog, asked.renamed), target.catalog
    if asked.schemas:
        names = {asked.renamed.get(name, name) for name in asked.schemas}
        _must_exist(names, left, right)
        left, right = only_schemas(left, names), only_schemas(right, names)
    return aligned(left, right)


def _report(source: _Read, target: _Read, sides: tuple["Catalog", "Catalog"], asked: _Asked) -> "Report":
    from schemadiff.core.schema_scope import bodies_note
    from schemadiff.reports.report import report_of

    return report_of(
        *sides,
        asked.mapping,
        source_label=source.label,
        target_label=target.label,
        notes=(
            *(f"{side.label}: {side.note}." for side in (source, target) if side.note),
            *filter(None, [bodies_note(source.catalog, asked.renamed)]),
        ),
        rules=asked.rules,
        names=asked.names,
    )


def _with_rows(report: "Report", target: _Read, mode: "Mode", samples: int) -> "Report":
    from schemadiff.core.planner import plan_schema
    from schemadiff.core.row_checks import row_checks
    from schemadiff.evidence.row_checks import check_rows
    from schemadiff.reports.rows import Rows

    if target.dsn is None:
        raise Refused(f"--rows counts rows of the target, and {target.label} is no database that holds any.")
    wanted = report.agreement.wanted
    plan = plan_schema(wanted, report.target, mode, report.mapping)
    checks = row_checks(wanted, report.target, plan, report.mapping)
    with connect(target.dsn) as connection:
        return replace(report, rows=Rows(results=check_rows(connection, checks, samples=samples)))


def _try_expressions(source: _Read, target: _Read, asked: _Asked) -> None:
    """Rows are looked at for the mapping's sake, so what it works out is tried on the source's, where that has any."""
    if source.dsn is None or asked.mapping is None or not asked.mapping.computes:
        return
    from schemadiff.evidence.expression_check import check_expressions, types_in
    from schemadiff.evidence.reading import reading

    there = {name: schema for schema, name in asked.renamed.items()}
    entries = [
        replace(entry, source=(there.get(entry.source[0], entry.source[0]), entry.source[1]))
        for entry in asked.mapping.tables
    ]
    with connect(source.dsn) as connection, reading(connection):
        check_expressions(
            connection, entries, types_in(target.catalog), otherwise="Mend the mapping and try again."
        )


def _samples(count: int) -> int:
    if not 0 <= count <= _MOST_SAMPLES:
        raise Refused(f"--samples takes a number from 0 to {_MOST_SAMPLES}, not {count}.")
    return count


def _proven(report: "Report", mode: "Mode") -> "Report":
    from schemadiff.core.planner import plan_schema
    from schemadiff.proving import Task, prove

    wanted, target, mapping = report.agreement.wanted, report.target, report.mapping
    plan = plan_schema(wanted, target, mode, mapping)
    return replace(report, proof=prove(Task(wanted=wanted, target=target, plan=plan, mapping=mapping)))


def _remark(report: "Report", statement: "Statement") -> str:
    found = [report.selection.remark(statement)] if report.selection else []
    found += [report.rows.remark(statement)] if report.rows else []
    return "\n".join(line for line in found if line)


def _must_exist(names: set[str], source: "Catalog", target: "Catalog") -> None:
    there = {schema.name for schema in (*source.schemas, *target.schemas)}
    if missing := sorted(names - there):
        raise Refused(
            f"Neither database has a schema {', '.join(missing)}; they have {', '.join(sorted(there)) or 'none'}."
        )


def _mode(online: bool) -> "Mode":
    from schemadiff.core.planner import Mode

    return Mode.ONLINE if online else Mode.PLAIN


@contextmanager
def _fingerprint_of(catalog: "Catalog", form: str) -> "Iterator[Callable[[Catalog], str]]":
    """What gives a catalog's fingerprint; a script's target's is worked out beside everything else."""
    from schemadiff.core.snapshot import fingerprint

    if form != "sql":
        yield fingerprint
        return
    with worked_out_beside(partial(fingerprint, catalog)) as found:
        yield lambda asked: found() if asked is catalog else fingerprint(asked)


def _written(report: "Report", form: str, mode: "Mode", fingerprint_of: "Callable[[Catalog], str]") -> str:
    match form:
        case "json":
            from schemadiff.reports.as_json import as_json

            return as_json(report)
        case "markdown":
            from schemadiff.reports.as_markdown import as_markdown

            return as_markdown(report)
        case "html":
            from schemadiff.reports.as_html import as_html

            return as_html(report)
        case "sql":
            from schemadiff.core.planner import plan_schema, render
            from schemadiff.core.proof import proof_lines
            from schemadiff.core.script import notices_alone

            plan = plan_schema(
                report.agreement.wanted, report.target, mode, report.mapping, fingerprint_of=fingerprint_of
            )
            script = render(plan, partial(_remark, report))
            if not script and not report.diff.is_empty:
                script = notices_alone(plan)
            said = (*report.notes, *(proof_lines(report.proof) if report.proof else ()))
            notes = "".join(f"-- {' '.join(note.split())}\n" for note in said)
            return f"{notes}{script}" if script else ""
        case _:
            from schemadiff.reports.as_text import as_text

            return as_text(report)
