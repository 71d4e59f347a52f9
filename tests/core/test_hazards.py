"""The codes, and that each is explained."""

from dataclasses import replace
from pathlib import Path

from schemadiff.core import hazards
from schemadiff.core.catalog import Sequence, SequenceOptions
from schemadiff.core.ddl.sequences import drop_sequence
from schemadiff.core.hazard_texts import EXPLANATIONS, as_markdown, explanation_of

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "hazards.md"


def test_every_code_is_explained() -> None:
    assert [each.code for each in EXPLANATIONS] == list(hazards.CODES)


def test_the_reference_page_says_what_the_web_says() -> None:
    """After a change of the texts, write `as_markdown()` to the page."""
    assert REFERENCE.read_text(encoding="utf-8") == as_markdown()


def test_every_explanation_says_what_why_and_what_to_do_instead() -> None:
    for each in EXPLANATIONS:
        texts = (each.means, each.statements, each.what, each.why, each.instead)
        assert all(text.strip() == text and text for text in texts)
        assert explanation_of(each.code) is each


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
