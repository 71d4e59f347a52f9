"""Locales of ICU as they were written, and as language tags."""

import pytest

from schemadiff.core.catalog import Catalog, DefinedObject, Kind
from schemadiff.core.diff import diff
from schemadiff.core.icu_locales import language_tag
from schemadiff.core.planner import plan_schema


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("de_DE", "de-DE"),
        ("de-DE", "de-DE"),
        ("zh_Hans_CN", "zh-Hans-CN"),
        ("de@collation=phonebook", "de-u-co-phonebk"),
        ("@colStrength=secondary;colNumeric=yes", "und-u-kn-ks-level2"),
        ("en_US@colalternate=shifted;collation=standard", "en-US-u-co-standard-ka-shifted"),
        ("root", "und"),
        ("und-u-ks-level2", "und-u-ks-level2"),
        ("de@unheard=of", "de@unheard=of"),
        ("und-u-kn-true-ks-level2", "und-u-kn-ks-level2"),
        ("C", "C"),
        ("it''s", "it''s"),
    ],
)
def test_both_ways_of_writing_are_one(written: str, tag: str) -> None:
    assert language_tag(written) == tag


def test_only_between_a_server_that_writes_so_and_one_that_does_not() -> None:
    def catalog(version: int, options: str) -> Catalog:
        definition = f"CREATE COLLATION public.c ({options})"
        collation = DefinedObject(kind=Kind.COLLATION, schema="public", name="c", definition=definition)
        return Catalog(server_version=version, defined=(collation,))

    start = "provider = icu, deterministic = false, locale ="
    written, tag = f"{start} 'de_DE'", f"{start} 'de-DE'"
    assert diff(catalog(140000, written), catalog(170000, tag)).is_empty
    assert not plan_schema(catalog(170000, tag), catalog(150000, written)).statements
    assert not diff(catalog(160000, written), catalog(170000, tag)).is_empty
    libc = ("provider = libc, locale = 'de_DE'", "provider = libc, locale = 'de-DE'")
    assert not diff(catalog(140000, libc[0]), catalog(170000, libc[1])).is_empty
