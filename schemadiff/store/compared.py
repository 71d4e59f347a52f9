"""The objects of a comparison as rows, so that a page reads a hundred of them and not two catalogs."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from schemadiff.core.catalog import FORMAT as CATALOG_FORMAT
from schemadiff.core.catalog import Catalog, Kind, ObjectRef
from schemadiff.core.change_json import entry_from_json
from schemadiff.core.changes import ObjectDiff
from schemadiff.core.snapshot import KIND, from_json
from schemadiff.models import ComparedObject, Comparison, Snapshot

_BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutKind:
    """Objects of one kind that one side holds and that are not compared."""

    side: str
    kind: str
    count: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenBy:
    """How much one ignore rule hides."""

    label: str
    reason: str
    changes: int
    objects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedObject:
    """An object by its reference, as rows keep it."""

    kind: str
    schema: str
    parent: str
    name: str

    @classmethod
    def of(cls, ref: ObjectRef) -> "NamedObject":
        return cls(kind=ref.kind.value, schema=ref.schema, parent=ref.parent, name=ref.name)

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef(kind=Kind(self.kind), schema=self.schema, parent=self.parent, name=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleRename:
    """What only the target has, and what it may be called in the source."""

    target: NamedObject
    candidates: tuple[NamedObject, ...]
    reasons: tuple[str, ...]  # of the first
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The figures of a comparison. `key` says what they were computed from, `digest` names what differs.

    `changes` counts changes by their mark, `states` the objects that differ by theirs, `severities` by severity.
    """

    key: str
    digest: str
    objects: int
    differ: int
    tables: int
    changes: dict[str, int]
    states: dict[str, int]
    severities: dict[str, int]
    source_version: int
    target_version: int
    left_out: tuple[LeftOutKind, ...]
    hidden: tuple[HiddenBy, ...]
    not_as_the_rules_say: tuple[str, ...]
    possible_renames: tuple[PossibleRename, ...] = ()


def kept_summary(comparison: Comparison) -> Summary | None:
    """The figures as they were kept last, whatever they were computed from; None if they never were."""
    data = comparison.summary
    if not data:
        return None
    left_out = tuple(LeftOutKind(**{**one, "names": tuple(one["names"])}) for one in data["left_out"])
    hidden = tuple(HiddenBy(**one) for one in data.get("hidden", ()))
    kept = tuple(data.get("not_as_the_rules_say", ()))
    possible = tuple(map(_possible_rename, data.get("possible_renames", ())))
    found = {
        "left_out": left_out,
        "hidden": hidden,
        "not_as_the_rules_say": kept,
        "possible_renames": possible,
    }
    return Summary(**{**data, **found})


def _possible_rename(data: dict[str, Any]) -> PossibleRename:
    return PossibleRename(
        target=NamedObject(**data["target"]),
        candidates=tuple(NamedObject(**one) for one in data["candidates"]),
        reasons=tuple(data["reasons"]),
        message=data["message"],
    )


def keep_compared(comparison: Comparison, summary: Summary, rows: Iterable[ComparedObject]) -> None:
    """Replace the rows and figures; of two who do so at once, the second finds it done."""
    with transaction.atomic():
        row = Comparison.objects.select_for_update(of=("self",)).only("summary").get(pk=comparison.pk)
        if row.summary.get("key") != summary.key:
            ComparedObject.objects.filter(comparison=comparison).delete()
            ComparedObject.objects.bulk_create(rows, batch_size=_BATCH)
            Comparison.objects.filter(pk=comparison.pk).update(summary=asdict(summary))
    comparison.summary = json.loads(json.dumps(asdict(summary)))


def compared_object(comparison: Comparison, key: str) -> ComparedObject | None:
    """One object of the comparison by its key, as it stands in an address: text may hold a NUL, no key does."""
    if "\0" in key:
        return None
    return ComparedObject.objects.filter(comparison=comparison, key=key).first()


def tables_of(comparison: Comparison) -> list[ComparedObject]:
    """All tables with their state and foreign keys; one query."""
    rows = ComparedObject.objects.filter(comparison=comparison, kind=Kind.TABLE.value)
    return list(
        rows.only("key", "label", "target_label", "mark", "changes", "severity", "references", "position")
    )


def entry_of(row: ComparedObject) -> ObjectDiff | None:
    """What differs; None where nothing does."""
    return entry_from_json(row.entry) if row.entry else None


def sides_of(row: ComparedObject, comparison: Comparison) -> tuple[Any, Any]:
    """The object as the source and as the target has it, None where it is not; nothing else of the catalogs is read."""
    return (
        _object_at(comparison.source_id, row.source_place),
        _object_at(comparison.target_id, row.target_place),
    )


def places_of(catalog: Catalog) -> Iterator[tuple[str, Any]]:
    """Where each top-level object lies in the catalog's JSON, as `sides_of` finds it again."""
    for name in Catalog.__dataclass_fields__:
        value = getattr(catalog, name)
        if isinstance(value, tuple):
            for number, item in enumerate(value):
                if hasattr(item, "ref"):
                    yield f"{name}__{number}", item


def _object_at(snapshot_id: int, place: str) -> Any:
    if not place:
        return None
    data = Snapshot.objects.filter(pk=snapshot_id).values_list(f"catalog__{place}", flat=True).get()
    field = place.partition("__")[0]
    catalog = from_json({"kind": KIND, "format": CATALOG_FORMAT, field: [data]})
    return getattr(catalog, field)[0]
