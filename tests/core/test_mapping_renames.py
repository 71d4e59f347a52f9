"""The part of the mapping file about objects other than tables and columns."""

import json
from typing import Any

import pytest

from schemadiff.core import mapping_file
from schemadiff.core.catalog import Kind, ObjectRef
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping, ObjectRename, PairStatus


def loaded(*renames: Any) -> tuple[ObjectRename, ...]:
    return mapping_file.load(json.dumps({"renames": renames})).renames


def ref(kind: Kind, schema: str, name: str, parent: str = "") -> ObjectRef:
    return ObjectRef(kind=kind, schema=schema, name=name, parent=parent)


def test_names_of_every_shape() -> None:
    found = loaded(
        {"kind": "schema", "source": "a.b", "target": "c"},
        {"kind": "enum", "source": "mood", "target": "app.state"},
        {"kind": "constraint", "source": "t.c", "target": ["my.app", "t", "d"], "status": "rejected"},
        {"kind": "function", "source": "f(public.mood, text)", "target": "app.f(app.mood, text)"},
    )
    assert found == (
        ObjectRename(
            source=ref(Kind.CONSTRAINT, "public", "c", "t"),
            target=ref(Kind.CONSTRAINT, "my.app", "d", "t"),
            status=PairStatus.REJECTED,
        ),
        ObjectRename(source=ref(Kind.ENUM, "public", "mood"), target=ref(Kind.ENUM, "app", "state")),
        ObjectRename(
            source=ref(Kind.FUNCTION, "public", "f(public.mood, text)"),
            target=ref(Kind.FUNCTION, "app", "f(app.mood, text)"),
        ),
        ObjectRename(source=ref(Kind.SCHEMA, "", "a.b"), target=ref(Kind.SCHEMA, "", "c")),
    )


def test_what_is_written_is_read_again() -> None:
    renames = loaded(
        {"kind": "table", "source": ["a.b", "t"], "target": ["c", "u.v"]},
        {"kind": "index", "source": "public.t.i", "target": "public.t.j", "status": "suggested"},
        {"kind": "function", "source": "a.f()", "target": "a.g()"},
    )
    text = mapping_file.dump(Mapping(renames=renames))
    assert mapping_file.load(text).renames == renames


def test_a_file_without_renames_is_written_as_ever() -> None:
    assert "renames" not in mapping_file.dump(Mapping())


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"kind": "tabel", "source": "a", "target": "b"}, '"kind" in the mapping file must be one of schema'),
        ({"kind": "extension", "source": "a", "target": "b"}, '"kind" in the mapping file must be one of'),
        ({"kind": "table", "source": "a"}, "must be an object with kind, source and target"),
        ({"kind": "table", "source": "a.b.c", "target": "b"}, "A table is named like schema.name"),
        ({"kind": "column", "source": "a", "target": "b"}, "A column is named like schema.table.name"),
        ({"kind": "table", "source": 3, "target": "b"}, "found 3"),
        ({"kind": "table", "source": "a", "target": "b", "status": "yes"}, "must be one of suggested"),
        ({"kind": "table", "source": "a", "target": "b", "why": ""}, 'Unknown key "why"'),
    ],
)
def test_what_is_wrong_is_named(entry: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        loaded(entry)


def test_nothing_is_renamed_twice() -> None:
    with pytest.raises(
        Refused, match=r"table public\.a of the source is in the mapping file's renames twice"
    ):
        loaded(
            {"kind": "table", "source": "a", "target": "b"}, {"kind": "table", "source": "a", "target": "c"}
        )
