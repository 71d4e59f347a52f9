"""A run's specification survives the ledger."""

import json
from dataclasses import replace
from uuid import UUID

import pytest

from migration.core.spec import RunSpec, refuse_data_loss, spec_from_json, spec_to_json
from schemadiff.core.catalog import Kind, ObjectRef
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.core.options.option import Scope
from schemadiff.core.plan import Hazard, Plan, Section, Statement

SPEC = RunSpec(
    ledger_id=UUID(int=7),
    option="transform",
    plan=Plan(
        target_fingerprint="f" * 64,
        statements=(
            Statement(
                sql="CREATE SCHEMA s",
                ref=ObjectRef(kind=Kind.SCHEMA, schema="", name="s"),
                section=Section.PARK,
                in_transaction=False,
            ),
        ),
    ),
    mapping=Mapping(
        tables=(
            TableMapping(
                source=("public", "a"),
                target=("public", "b"),
                pairs=(
                    ColumnPair(target="x", source="y", status=PairStatus.CONFIRMED),
                    ColumnPair(
                        target="z", expression="lower(y)", inverse="upper(z)", status=PairStatus.CONFIRMED
                    ),
                    ColumnPair(target="w", source="v", status=PairStatus.SUGGESTED),
                ),
            ),
        )
    ),
    scope=Scope(tables=(("public", "a"),), protected=(("public", "p"),)),
    jobs=3,
)


def test_there_and_back() -> None:
    back = spec_from_json(json.loads(json.dumps(spec_to_json(SPEC))))
    assert back.plan.digest == SPEC.plan.digest
    assert (back.ledger_id, back.option, back.scope, back.jobs) == (
        SPEC.ledger_id,
        SPEC.option,
        SPEC.scope,
        3,
    )
    assert spec_to_json(back) == spec_to_json(SPEC)


def test_what_a_statement_loses_survives_and_is_refused() -> None:
    refuse_data_loss(SPEC.plan)
    lossy = Statement(
        sql="DROP TABLE public.a",
        ref=ObjectRef(kind=Kind.TABLE, schema="public", name="a"),
        section=Section.PRE_DATA,
        hazards=(
            Hazard(code="blocks-reads", message="nobody reads public.a."),
            Hazard(code="data-loss", message="every row of public.a is lost."),
        ),
    )
    spec = replace(SPEC, plan=replace(SPEC.plan, statements=(*SPEC.plan.statements, lossy)))
    back = spec_from_json(json.loads(json.dumps(spec_to_json(spec))))
    assert [statement.is_destructive for statement in back.plan.statements] == [False, True]
    with pytest.raises(
        Refused, match=r"table “public\.a” .*every row of public\.a is lost\. .*after a backup"
    ):
        refuse_data_loss(back.plan)


def test_only_confirmed_pairs_are_kept() -> None:
    (entry,) = spec_from_json(json.loads(json.dumps(spec_to_json(SPEC)))).mapping.tables
    assert [pair.target for pair in entry.accepted()] == ["x", "z"]
    assert len(entry.pairs) == 2


def test_another_format_is_refused() -> None:
    with pytest.raises(Refused, match="format 99"):
        spec_from_json({**spec_to_json(SPEC), "format": 99})
