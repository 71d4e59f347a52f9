"""What is said of two databases that sort text differently, and that nothing is said of two that do not."""

from dataclasses import replace

import pytest

from migration.core.collations import NAMED, Collation, Sorting, TextKey, warnings_of

GERMAN = Collation(provider="i", locale="de", ctype="C", recorded="153.120", actual="153.120")
LIBC = Collation(provider="c", locale="en_US.UTF-8", ctype="en_US.UTF-8", recorded="2.36", actual="2.36")
PLAIN = Collation(provider="c", locale="C", ctype="C")
EMAIL = TextKey(table=("public", "clients"), index="clients_email_key", collation=LIBC, is_default=True)


def said(source: Sorting, target: Sorting) -> list[str]:
    return [warning.message for warning in warnings_of(source, target)]


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (LIBC, LIBC),
        (GERMAN, replace(GERMAN, recorded=None, actual=None)),
        (PLAIN, replace(PLAIN, provider="b", locale="C")),
        (replace(PLAIN, locale="C.UTF-8", ctype="C.UTF-8"), replace(PLAIN, locale="C.utf8", ctype="C.utf8")),
    ],
)
def test_what_sorts_alike_is_not_mentioned(here: Collation, there: Collation) -> None:
    assert said(Sorting(default=here), Sorting(default=there)) == []


@pytest.mark.parametrize(
    ("there", "part"),
    [
        (GERMAN, "by en_US.UTF-8 of libc 2.36 in the source and by de of ICU 153.120"),
        (replace(LIBC, locale="de_DE.UTF-8"), "and by de_DE.UTF-8 of libc 2.36"),
        (replace(LIBC, recorded="2.41", actual="2.41"), "and by en_US.UTF-8 of libc 2.41"),
        (PLAIN, "and by C of libc in the target"),
    ],
)
def test_another_order_is_told_with_the_keys_over_text(there: Collation, part: str) -> None:
    (warning,) = warnings_of(Sorting(default=LIBC, keys=(EMAIL,)), Sorting(default=there))
    assert part in warning.message
    assert warning.details == ("key over text: public.clients: clients_email_key",)


def test_another_case_of_letters() -> None:
    (message,) = said(Sorting(default=replace(PLAIN, ctype="C.UTF-8")), Sorting(default=PLAIN))
    assert message.startswith("Upper and lower case of letters go by C.UTF-8 in the source and by C in")


def test_a_named_collation_that_is_another() -> None:
    here = replace(GERMAN, name="public.german")
    other = replace(here, recorded="153.14", actual="153.14")
    source = Sorting(default=PLAIN, named=(here,))
    assert "public.german is de of ICU" in said(source, Sorting(default=PLAIN, named=(other,)))[0]
    loose = replace(here, deterministic=False)
    (message,) = said(source, Sorting(default=PLAIN, named=(loose,)))
    assert "tells all different texts apart in the source and takes some for equal in the target" in message
    assert said(source, Sorting(default=PLAIN)) == []


def test_indexes_that_were_built_with_an_older_version() -> None:
    aged = replace(LIBC, recorded="2.31")
    messages = said(Sorting(default=aged, keys=(EMAIL,)), Sorting(default=LIBC))
    assert len(messages) == 1
    assert (
        "In the source indexes on text were built with version 2.31 of the database's default" in messages[0]
    )


def test_keys_that_take_different_texts_for_equal() -> None:
    loose = replace(GERMAN, name="public.loose", deterministic=False)
    keys = tuple(
        replace(EMAIL, collation=loose, is_default=False, index=f"key_{n:02}") for n in range(NAMED + 2)
    )
    (warning,) = warnings_of(Sorting(default=PLAIN), Sorting(default=PLAIN, keys=keys))
    assert "nondeterministic" in warning.message
    assert (len(warning.details), warning.details[-1]) == (NAMED + 1, "and 2 more keys over text")
