"""Changes are the same after they were kept, and their digest changes when they do."""

from dataclasses import replace

import pytest

from schemadiff.core.change_json import digest_of, entry_from_json, entry_to_json
from schemadiff.core.changes import Added, Altered, AttributeChange, ObjectDiff, Removed, Renamed
from schemadiff.core.objects import Kind, ObjectRef

TABLE = ObjectRef(kind=Kind.TABLE, schema="public", name="t")


def column(name: str) -> ObjectRef:
    return ObjectRef(kind=Kind.COLUMN, schema="public", parent="t", name=name)


WHOLE = ObjectDiff(
    ref=TABLE,
    own=Renamed(ref=TABLE, target=TABLE._replace(name="u")),
    parts=(
        Added(ref=column("a"), description="text"),
        Removed(ref=column("b"), description="text not null"),
        Altered(ref=column("c"), attributes=(AttributeChange(name="default", source=None, target="0"),)),
        Renamed(
            ref=column("d"),
            target=column("e"),
            attributes=(AttributeChange(name="type", source="text", target="bigint"),),
        ),
    ),
    same_parts=4,
)


@pytest.mark.parametrize("entry", [WHOLE, replace(WHOLE, own=None), ObjectDiff(ref=TABLE)])
def test_an_entry_comes_back_as_it_was(entry: ObjectDiff) -> None:
    assert entry_from_json(entry_to_json(entry)) == entry


def test_the_digest_is_of_what_differs() -> None:
    assert digest_of(WHOLE) == digest_of(replace(WHOLE, same_parts=5))
    assert digest_of(WHOLE) != digest_of(replace(WHOLE, parts=WHOLE.parts[1:]))
    assert digest_of(WHOLE) != digest_of(replace(WHOLE, own=None))
