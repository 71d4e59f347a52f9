"""Names all that a comparison’s difference follows from, so that what was computed from it is known to be true yet."""

import hashlib
import json
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from schemadiff.core.catalog import FORMAT as CATALOG_FORMAT
from schemadiff.core.mapping import PairStatus
from schemadiff.models import Comparison, Pair, ProjectRule, RenameDecision

FORMAT = 3  # of what is computed: another number makes it anew

_SIDES = ("source", "target")
_COLUMN = tuple(f"{side}_{part}" for side in _SIDES for part in ("schema", "table", "column"))
_OBJECT = ("kind", *(f"{side}_{part}" for side in _SIDES for part in ("schema", "parent", "name")), "status")
_RULE = ("reason", "attributes", "kinds", "schemas", "names")


def compared_key(comparison: Comparison) -> str:
    """Of snapshots, the renames that people decided on, and ignore rules; one query."""
    found = Comparison.objects.filter(pk=comparison.pk).values_list(
        _as_array(_renamed_columns(), (*_COLUMN, "decided_at")),
        _as_array(RenameDecision.objects.filter(comparison=OuterRef("pk")).order_by(*_OBJECT), _OBJECT),
        _as_array(_rules(), _RULE),
    )
    columns, objects, rules = found.get()
    sides = [comparison.source.fingerprint, comparison.target.fingerprint]
    columns = [{**one, "decided_at": one["decided_at"] is not None} for one in columns]
    content = [FORMAT, CATALOG_FORMAT, *sides, columns, objects, rules]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _renamed_columns() -> QuerySet[Pair]:
    same = {f"source_{part}": F(f"target_{part}") for part in ("schema", "table", "column")}
    rows = Pair.objects.filter(comparison=OuterRef("pk"), status=PairStatus.CONFIRMED.value)
    rows = rows.exclude(source_column="").exclude(**same)
    return rows.order_by("target_schema", "target_table", "target_column")


def _rules() -> QuerySet[ProjectRule]:
    rows = ProjectRule.objects.filter(project=OuterRef("project"), ended_at=None)
    return rows.order_by("position", "pk")


def _as_array(rows: QuerySet[Any], names: tuple[str, ...]) -> ArraySubquery:
    """The rows as JSON, in their order."""
    return ArraySubquery(
        rows.annotate(row_as_json=JSONObject(**{name: name for name in names})).values("row_as_json")
    )
