"""The codes, and that each is explained."""

from dataclasses import replace
from pathlib import Path

import pytest

from schemadiff.core import hazards
from schemadiff.core.catalog import Sequence, SequenceOptions
from schemadiff.core.ddl.sequences import drop_sequence

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "hazards.md"


@pytest.mark.parametrize("code", hazards.CODES)
def test_every_code_is_explained(code: str) -> None:
    text = REFERENCE.read_text(encoding="utf-8")

    assert f"| [`{code}`](#{code}) |" in text
    assert f"\n## {code}\n" in text


def test_nothing_is_explained_that_does_not_exist() -> None:
    headings = [line[3:] for line in REFERENCE.read_text(encoding="utf-8").splitlines() if line[:3] == "## "]

    assert sorted(headings) == sorted(hazards.CODES)


def test_every_constant_is_among_the_codes() -> None:
    constants = {value for name, value in vars(hazards).items() if name.isupper() and isinstance(value, str)}

    assert constants == set(hazards.CODES)


def test_a_rewrite_blocks_readers_too() -> None:
    codes = [hazard.code for hazard in hazards.table_rewrite("public.t")]

    assert codes == [hazards.TABLE_REWRITE, hazards.BLOCKS_READS]


def test_dropping_a_sequence_loses_its_position() -> None:
    options = SequenceOptions(type="bigint", start=1, minimum=1, maximum=9)

    sequence = Sequence(schema="public", name="numbers", options=options)
    owned = replace(sequence, owned_by=("public", "t", "id"))

    statement = drop_sequence(sequence)

    assert not drop_sequence(owned).hazards
    assert statement.is_destructive
    assert "position of the sequence public.numbers is lost" in statement.hazards[0].message
