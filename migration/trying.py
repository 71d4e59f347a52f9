"""Plans of comparisons tried in the background: asked for by people, done by a worker."""

import logging
import time
import traceback
from collections.abc import Callable

import psycopg
from django.contrib.auth.models import User
from django.db import transaction

from migration import jobs
from schemadiff.compared import summary_of
from schemadiff.core.errors import Refused, SchemadiffError
from schemadiff.core.plan import Mode
from schemadiff.models import Comparison, Trial
from schemadiff.secrets import redact
from schemadiff.store.trials import begin_trial, fail_trial, note_trial, start_trial
from schemadiff.trials import check_rows_of, prove_plan

log = logging.getLogger(__name__)

_NOTED_EVERY = 0.5  # seconds

_TRIALS: dict[str, Callable[[Trial, Callable[[str], object]], None]] = {
    Trial.Kind.PROOF: prove_plan,
    Trial.Kind.ROWS: check_rows_of,
}


def request_trial(comparison: Comparison, kind: Trial.Kind, mode: Mode, user: User) -> Trial:
    """Have a worker try the comparison's plan; asking again while it is under way changes nothing.

    Raises Refused where nothing differs.
    """
    if not summary_of(comparison).differ:
        raise Refused("Nothing differs between the two schemas, so there is no plan to be tried.")
    with transaction.atomic():
        trial = begin_trial(comparison, kind, mode, user)
        if trial.state == Trial.State.QUEUED:
            jobs.defer_trial(trial.pk)
    return trial


def try_out(trial_id: int) -> None:
    """Try the plan and record how it went; one that has ended already is left as it is."""
    if not start_trial(trial_id):
        return
    try:
        trial = Trial.objects.defer("result", "findings").get(pk=trial_id)
        _TRIALS[trial.kind](trial, _noting(trial_id))
    except SchemadiffError as error:
        fail_trial(trial_id, redact(str(error)))
    except Exception as error:  # whoever waits must hear of it
        # The frames only: a driver's message may quote rows.
        log.error("Trial: %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
        fail_trial(trial_id, _sentence(error))


def _noting(trial_id: int) -> Callable[[str], object]:
    """Statements of an empty schema take a millisecond: who looks on need not read of each."""
    noted = 0.0

    def note(words: str) -> None:
        nonlocal noted
        if time.monotonic() - noted > _NOTED_EVERY:
            note_trial(trial_id, words)
            noted = time.monotonic()

    return note


def _sentence(error: Exception) -> str:
    match error:
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return (
                "The connection was lost in the middle of it. Ask for it again; if it is lost again, the server’s "
                "log says why."
            )
        case OSError(strerror=reason):
            kind = reason or type(error).__name__
            return f"The worker’s machine could not do it: {kind}. Ask for it again when that is mended."
        case _:
            kind = type(error).__name__
            return f"It was stopped by an error that it did not expect ({kind}). The worker’s log has more."
