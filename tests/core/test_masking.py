"""Masked columns as people write them, and what they hide."""

import pytest

from schemadiff.core.errors import Refused
from schemadiff.core.masking import Masked, masked_from_text, masked_of, masked_to_text

EMAIL = ("public", "clients", "email")
ODD = ("a.b", 'Ünï "q" table', " x")


def test_there_and_back() -> None:
    text = '\n public.clients.email \n"a.b"."Ünï ""q"" table"." x"\npublic.clients.email\n'
    masked = masked_from_text(text)
    assert masked.columns == (ODD, EMAIL)
    assert masked_from_text(masked_to_text(masked)) == masked
    assert masked_to_text(Masked(columns=(EMAIL,))) == "public.clients.email\n"
    assert masked_of([list(EMAIL)]) == Masked(columns=(EMAIL,))
    assert masked_from_text("") == Masked()


@pytest.mark.parametrize(
    "line", ["email", "clients.email", "a.b.c.d", "public.clients.", ".a.b", 'a."b.c', 'a.b"c.d', "a..c"]
)
def test_what_is_no_column_is_named(line: str) -> None:
    with pytest.raises(Refused) as refused:
        masked_from_text(f"public.clients.email\n{line}")
    assert f"“{line}” is no column" in str(refused.value)


@pytest.mark.parametrize(
    ("expression", "tells"),
    [
        ("upper(EMAIL)", True),
        ("to_jsonb(clients)", True),
        ("(SELECT max(x) FROM public.clients)", True),
        ("emails", False),
        ("lower(name) || id", False),
    ],
)
def test_an_expression_that_may_tell_a_value(expression: str, tells: bool) -> None:
    assert Masked(columns=(EMAIL,)).mentioned_in(expression) is tells


def test_what_is_hidden() -> None:
    masked = Masked(columns=(EMAIL,))
    assert masked.of(("public", "clients")) == {"email"}
    assert masked.of(("public", "orders")) == frozenset()
    assert masked.hides(("public", "clients"), "email") and not masked.hides(("x", "clients"), "email")
    assert masked.named("email") and not masked.named("name")
    assert not Masked().mentioned_in("email")
