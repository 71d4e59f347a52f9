"""What is known of the surroundings of an application's flags: tables and their verification, clients, lag."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from migration.core.flag_rules import Surroundings, TableStanding, TableState
from migration.core.monitoring.levels import Level
from migration.core.monitoring.metrics import LAG
from migration.core.phases import Phase
from migration.core.spans import span
from migration.engine.slots import name_for
from migration.models import Application, Bucket, Run, RunState, Verification
from schemadiff.models import Project

COUNTED_FOR = timedelta(minutes=1)  # a client that has not asked for longer is not live

LAG_IS_KNOWN_FOR = timedelta(minutes=5)  # workers measure it every minute


def surroundings(application: Application) -> Surroundings:
    """Everything that a change of flags is judged by beside the flags."""
    known = standings(application.project)
    return Surroundings(
        tables={
            module: _of_module(application.module_tables.get(module, ()), known)
            for module in ("", *application.modules)
        },
        clients=_live(application),
        dependencies=application.needs,
        lag_seconds=_lag(application.project),
    )


def _of_module(named: Iterable[str], known: dict[str, TableStanding]) -> tuple[TableStanding, ...]:
    """The tables that a module names, or all where it names none."""
    wanted = list(named)
    if not wanted:
        return tuple(known.values())
    parts = (
        each for name in wanted for key, each in known.items() if key.startswith(f"{name} → ")
    )  # of a split one
    own = (known.get(name, TableStanding(table=name, state=TableState.UNVERIFIED)) for name in wanted)
    return (*own, *parts)


def standings(project: Project) -> dict[str, TableStanding]:
    """The tables of the project's newest run that was not given up, or of its newest comparison where there is none,
    each with what the last verification of all its rows found."""
    run = _newest_run(project)
    if run is None:
        return {name: TableStanding(table=name, state=TableState.UNVERIFIED) for name in _mapped(project)}
    found = {
        f"{row.source_schema}.{row.source_table}": _standing(
            f"{row.source_schema}.{row.source_table}", row.differing, ""
        )
        for row in run.table_rows.all()
    }
    for verification in _verifications(run):
        found |= _found_by(verification, found)
    return found


def _newest_run(project: Project) -> Run | None:
    given_up = (Phase.CANCELLED.value, Phase.ROLLED_BACK.value)
    runs = Run.objects.filter(project=project).exclude(state=RunState.ENDED, phase__in=given_up)
    return runs.defer("spec").order_by("-number").first()


def _mapped(project: Project) -> tuple[str, ...]:
    comparison = project.comparisons.order_by("-number").first()
    if comparison is None:
        return ()
    pairs = comparison.pairs.values_list("source_schema", "source_table").distinct()
    return tuple(sorted(".".join(pair) for pair in pairs))


def _verifications(run: Run) -> tuple[Verification, ...]:
    """The last one that compared all rows, and the last one of a sample since then that found differences: each is of
    all of the run's tables."""
    done = run.verifications.filter(state=Verification.State.DONE).defer("samples").order_by("-number")
    whole = done.filter(sample=None).first()
    since = done.exclude(sample=None).filter(number__gt=whole.number if whole else 0, differing__gt=0)
    return tuple(row for row in (whole, since.first()) if row is not None)


def _found_by(verification: Verification, known: dict[str, TableStanding]) -> dict[str, TableStanding]:
    ago = f"{span(timezone.now() - verification.ended_at)} ago" if verification.ended_at else ""
    tables: list[dict[str, Any]] = (verification.result or {}).get("tables", [])
    return {
        each["source"]: _standing(each["source"], each["differing"], ago)
        for each in tables
        if each["source"] in known and (verification.sample is None or each["differing"])
    }


def _standing(table: str, differing: int | None, ago: str) -> TableStanding:
    if differing is None:
        return TableStanding(table=table, state=TableState.UNVERIFIED)
    state = TableState.DIFFERS if differing else TableState.VERIFIED
    return TableStanding(table=table, state=state, differing=differing, ago=ago)


def _live(application: Application) -> dict[str, int]:
    since = timezone.now() - COUNTED_FOR
    return dict(Counter(application.clients.filter(last_seen__gte=since).values_list("module", flat=True)))


def _lag(project: Project) -> float | None:
    """Seconds that the newest run's target was behind its source the last time that it was measured; None where
    nobody follows."""
    run = _newest_run(project)
    if run is None:
        return None
    measured = Bucket.objects.filter(
        series__project=project,
        series__metric=LAG,
        series__part=name_for(run.ledger_id),
        level=Level.FINE,
        at__gte=timezone.now() - LAG_IS_KNOWN_FOR,
    )
    return measured.order_by("-at").values_list("last", flat=True).first()
