"""The format that `manage.py match` reads and writes, and how agreement with the truth is counted."""

from typing import Any

import pytest

from schemadiff.core.errors import Refused
from schemadiff.core.matching import match_cases
from schemadiff.core.matching.cases import agreement

DOCUMENT: dict[str, Any] = {
    "cases": [
        {
            "id": "one",
            "old_table": "books",
            "new_table": "books",
            "old": [
                {"name": "id", "type": "integer", "not_null": True, "pk": True},
                {"name": "colour", "type": "varchar(20)"},
                {"name": "isbn", "type": "char(13)"},
            ],
            "new": [
                {"name": "id", "type": "integer", "not_null": True, "pk": True},
                {"name": "color", "type": "varchar(20)"},
                {"name": "pages", "type": "smallint", "not_null": True},
            ],
            "renames": [["colour", "color"]],
        }
    ]
}


def test_every_pair_has_names_status_and_score() -> None:
    (case,) = match_cases(DOCUMENT)["cases"]
    assert case["id"] == "one"
    same = next(pair for pair in case["pairs"] if pair["source"] == "id")
    assert (same["target"], same["status"], same["score"]) == ("id", "accepted", 1.0)
    renamed = next(pair for pair in case["pairs"] if pair["source"] == "colour")
    assert (renamed["target"], renamed["status"]) == ("color", "accepted")
    assert 0.4 <= renamed["score"] < 1


def test_the_truth_is_not_looked_at() -> None:
    blind = {"cases": [{k: v for k, v in case.items() if k != "renames"} for case in DOCUMENT["cases"]]}
    assert match_cases(blind) == match_cases(DOCUMENT)


def test_agreement_counts_pairs_of_differing_names_only() -> None:
    counts = agreement(DOCUMENT, match_cases(DOCUMENT), ("accepted", "suggested"))
    assert (counts.right, counts.found, counts.true, counts.f1) == (1, 1, 1, 1.0)
    wrong = {"cases": [{"id": "one", "pairs": [{"source": "isbn", "target": "pages", "status": "accepted"}]}]}
    assert agreement(DOCUMENT, wrong, ("accepted",)).f1 == 0


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], 'a list under "cases"'),
        ({"cases": {}}, 'a list under "cases"'),
        ({"cases": [{"id": "x", "old": []}]}, "Case 1"),
        ({"cases": [{"id": "x", "old": [{"type": "text"}], "new": []}]}, 'Case x: each column under "old"'),
    ],
)
def test_other_documents_are_refused_with_a_sentence(document: Any, words: str) -> None:
    with pytest.raises(Refused, match=words):
        match_cases(document)
