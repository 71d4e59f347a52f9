"""USE CASE: a comparison's plan tried before anybody applies it."""

from schemadiff import schema_sql, store
from schemadiff.compared import summary_of
from schemadiff.core.plan import Mode, Plan
from schemadiff.core.proof import proof_to_json
from schemadiff.models import Comparison, Trial
from schemadiff.proving import Reached, Task, prove
from schemadiff.store.trials import Ended, end_trial

_MOST_SHOWN = 500  # statements that are kept with a proof, to be read
_LONGEST_SHOWN = 4000


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


def _shown(plan: Plan) -> list[list[str]]:
    """The first statements, each with the object that it is about; a long one is cut."""
    return [
        [f"{statement.ref.kind.value} {statement.ref.label}", _cut(statement.sql)]
        for statement in plan.statements[:_MOST_SHOWN]
    ]


def _cut(sql: str) -> str:
    return sql if len(sql) <= _LONGEST_SHOWN else f"{sql[:_LONGEST_SHOWN]}…"


def _comparison(trial: Trial) -> Comparison:
    rows = Comparison.objects.select_related("project", "source", "target")
    return rows.defer("source__catalog", "target__catalog").get(pk=trial.comparison_id)
