"""The options of a comparison measured in the background: asked for by people, done by a worker."""

import logging
import traceback

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now

from migration import jobs
from migration.models import Measuring
from migration.rehearsal import measure_comparison, rehearse_comparison
from migration.scratch_places import refuse_unfit
from schemadiff import store
from schemadiff.connections import dsn_of
from schemadiff.core.errors import Refused, SchemadiffError
from schemadiff.core.options.hybrid import Relaxation
from schemadiff.core.options.mending import Mending, propose_mending
from schemadiff.core.options.option import Measure, OptionName
from schemadiff.mapping_review import Taken, take_remedies
from schemadiff.models import Comparison, Connection
from schemadiff.secrets import redact

log = logging.getLogger(__name__)

State = Measuring.State
Kind = Measuring.Kind

_TABLES_AT_ONCE = 20  # each is read once, while somebody waits


def request_measuring(comparison: Comparison, user: User, kind: Kind = Kind.MEASURE) -> Measuring:
    """Have a worker measure or rehearse the options; asking again while it is under way changes nothing."""
    with transaction.atomic():
        Comparison.objects.select_for_update().only("pk").get(pk=comparison.pk)
        current = Measuring.objects.filter(comparison=comparison).first()
        if current is not None and current.state in (State.QUEUED, State.RUNNING):
            return current
        measuring, _ = Measuring.objects.update_or_create(
            comparison=comparison,
            defaults={
                "project_id": comparison.project_id,
                "kind": kind,
                "reached": "",
                "state": State.QUEUED,
                "error": "",
                "requested_by": user,
                "requested_at": Now(),
                "started_at": None,
                "ended_at": None,
            },
        )
        jobs.defer_measuring(comparison.pk)
    return measuring


def choose_place(comparison: Comparison, connection: Connection | None) -> None:
    """On whose server the scratch databases are made from now on; None: where the settings say.

    Raises Refused where its role may not make them, with what mends it, and while something is measured elsewhere;
    CannotConnect where nobody answers.
    """
    if connection is not None:
        refuse_unfit(dsn_of(connection))
    with transaction.atomic():
        now = Comparison.objects.select_for_update().only("scratch_on").get(pk=comparison.pk)
        if now.scratch_on_id == (connection.pk if connection else None):
            return
        _refuse_while_measured(comparison)
        Comparison.objects.filter(pk=comparison.pk).update(scratch_on=connection)


def choose_and_rehearse(comparison: Comparison, relax: frozenset[Relaxation], user: User) -> None:
    """Say what hybrid gives up of the target's rules, and have it rehearsed so. Raises Refused meanwhile."""
    with transaction.atomic():
        Comparison.objects.select_for_update().only("pk").get(pk=comparison.pk)
        _refuse_while_measured(comparison)
        store.choose_for_hybrid(comparison, relax)
        request_measuring(comparison, user, Kind.REHEARSE)


def mend_and_rehearse(comparison: Comparison, mending: Mending, user: User) -> Taken:
    """Take the expressions that values need in the tables that the step names, and have it rehearsed so.

    At most so many tables, those named first. Raises Refused while something is measured, and where the figures that
    spoke for it are gone.
    """
    steps = {step.mending: step for step in propose_mending(_of_transform(comparison))}
    if mending not in steps:
        raise Refused(
            "What was rehearsed speaks for no such step any more. Rehearse again, then look at the options."
        )
    _refuse_while_measured(comparison)
    named = set(steps[mending].tables)
    tables = [t.source for t in store.mapping_of(comparison).tables if ".".join(t.target) in named]
    with transaction.atomic():  # all of it or nothing; no row is locked while the source is read
        taken = take_remedies(comparison, tables[:_TABLES_AT_ONCE], mending, user=user)
    if taken.columns:
        request_measuring(comparison, user, Kind.REHEARSE)
    return taken


def _of_transform(comparison: Comparison) -> tuple[Measure, ...]:
    return store.measures_of(comparison).get(OptionName.TRANSFORM, ())


def _refuse_while_measured(comparison: Comparison) -> None:
    if Measuring.objects.filter(comparison=comparison, state__in=(State.QUEUED, State.RUNNING)).exists():
        raise Refused(
            "The options are being measured just now, as they were. Wait until that is done, then choose."
        )


def measure(comparison_id: int) -> None:
    """Measure or rehearse, and record how it went. What was found is stored as evidence."""
    rows = Measuring.objects.filter(comparison_id=comparison_id)
    rows.update(state=State.RUNNING, started_at=Now(), error="", reached="")
    try:
        if rows.filter(kind=Kind.REHEARSE).exists():
            rehearse_comparison(comparison_id, reached=lambda words: _note(comparison_id, words))
        else:
            measure_comparison(comparison_id)
    except SchemadiffError as error:
        rows.update(state=State.FAILED, ended_at=Now(), error=redact(str(error)))
    except Exception as error:  # whoever waits must hear of it
        log.error(
            "Measuring: %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__))
        )
        rows.update(
            state=State.FAILED,
            ended_at=Now(),
            error=f"It was stopped by an error that it did not expect ({type(error).__name__}). "
            "The worker's log has more.",
        )
    else:
        rows.update(state=State.DONE, ended_at=Now())


def _note(comparison_id: int, words: str) -> None:
    Measuring.objects.filter(comparison_id=comparison_id).update(reached=words)
