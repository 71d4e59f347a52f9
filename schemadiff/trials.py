"""USE CASE: a comparison's plan tried before anybody applies it."""

from typing import Any

import psycopg

from schemadiff import schema_sql, store
from schemadiff.compared import summary_of
from schemadiff.connections import open_connection
from schemadiff.core.errors import Refused, TargetMoved
from schemadiff.core.plan import Mode, Plan
from schemadiff.core.proof import proof_to_json
from schemadiff.core.row_checks import row_checks
from schemadiff.core.snapshot import fingerprint
from schemadiff.evidence.row_checks import check_rows
from schemadiff.evidence.row_findings import by_object, entry_of, outcome_of, owner_of, sampled, sum_of
from schemadiff.introspection import read_catalog
from schemadiff.models import Comparison, Connection, Trial
from schemadiff.proving import Reached, Task, prove
from schemadiff.store.trials import SAMPLES, Ended, end_trial

_MOST_SHOWN = 500  # statements that are kept with a proof, to be read
_LONGEST_SHOWN = 4000
_SAMPLES = 5  # rows of each check


def prove_plan(trial: Trial, reached: Reached) -> None:
    """Replay the comparison's plan on a scratch copy of the target's schema, and keep what came of it.

    Neither database is connected to. Raises SchemadiffError where there is no plan or no scratch server.
    """
    comparison, mode = _comparison(trial), Mode(trial.mode)
    digest = summary_of(comparison).digest
    inputs = store.inputs_of(comparison)
    _, target = inputs.sides.catalogs()
    wanted, plan = store.agreement_between(inputs).wanted, schema_sql.schema_plan_of(comparison, mode)
    proof = prove(Task(wanted=wanted, target=target, plan=plan, mapping=inputs.mapping), reached)
    result = {"proof": proof_to_json(proof), "plan": _shown(plan)}
    ended = Ended(outcome=proof.outcome.value, sentence=proof.sentence, result=result, findings={})
    end_trial(trial.pk, digest, ended)


def check_rows_of(trial: Trial, reached: Reached) -> None:
    """Count the target's rows that are in the way of the comparison's plan, and keep what was found and some of them.

    Raises SchemadiffError where the target cannot be read, or is no longer what was compared.
    """
    comparison, mode = _comparison(trial), Mode(trial.mode)
    digest = summary_of(comparison).digest
    inputs = store.inputs_of(comparison)
    _, target = inputs.sides.catalogs()
    wanted, plan = store.agreement_between(inputs).wanted, schema_sql.schema_plan_of(comparison, mode)
    checks = row_checks(wanted, target, plan, inputs.mapping)
    with open_connection(_target_of(comparison)) as connection:
        reached("The target’s schema is read")
        _must_be(connection, comparison)
        results = check_rows(connection, checks, samples=_SAMPLES, reached=reached)
    checked = [{**entry_of(result), "about": owner_of(result.check.ref).key} for result in results]
    ended = Ended(
        outcome=outcome_of(results).value,
        sentence=sum_of(results),
        result={"checks": checked, SAMPLES: dict(sampled(results))},
        findings=by_object(results),
    )
    end_trial(trial.pk, digest, ended)


def _target_of(comparison: Comparison) -> Connection:
    connection = comparison.target.connection
    if connection is None:
        raise Refused(
            f"The target {comparison.target.label} is a file, or its connection was removed: there are no rows to be "
            "counted. Compare with a connection as the target."
        )
    return connection


def _must_be(connection: psycopg.Connection[Any], comparison: Comparison) -> None:
    if fingerprint(read_catalog(connection)) != comparison.target.fingerprint:
        raise TargetMoved(
            f"The schema of {comparison.target.label} is another one by now than this comparison found. Compare again, "
            "then check the rows of the new comparison."
        )


def _shown(plan: Plan) -> list[list[str]]:
    """The first statements, each with the object that it is about; a long one is cut."""
    return [
        [f"{statement.ref.kind.value} {statement.ref.label}", _cut(statement.sql)]
        for statement in plan.statements[:_MOST_SHOWN]
    ]


def _cut(sql: str) -> str:
    return sql if len(sql) <= _LONGEST_SHOWN else f"{sql[:_LONGEST_SHOWN]}…"


def _comparison(trial: Trial) -> Comparison:
    rows = Comparison.objects.select_related("project", "source", "target__connection")
    return rows.defer("source__catalog", "target__catalog").get(pk=trial.comparison_id)
