"""The page of a selection: the chosen objects of a comparison, what they need, and the script for them alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from schemadiff.core.catalog import ObjectRef
from schemadiff.core.errors import SchemadiffError
from schemadiff.core.planner import render
from schemadiff.models import Comparison
from schemadiff.schema_sql import selection_of

LONGEST_ADDRESS = 2000  # a browser's or proxy's limit may be not far above


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """`needed_by` is empty for what was selected itself."""

    key: str
    name: str
    needed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionPage:
    """`refusal` says why there is no script; `permalink` is empty where the selection is too long for an address."""

    comparison: Comparison
    keys: tuple[str, ...]
    chosen: tuple[Chosen, ...]
    script: str
    statements: int
    refusal: str
    permalink: str
    section: str = "comparisons"


def selection_page(comparison: Comparison, keys: Sequence[str]) -> SelectionPage:
    query = "?" + urlencode([("select", key) for key in keys])
    refusal, script, chosen, count = "", "", tuple[Chosen, ...](), 0
    try:
        selection, plan = selection_of(comparison, keys)
        chosen = (
            *(_chosen(ref, None) for ref in selection.chosen),
            *(_chosen(one.ref, one.needed_by) for one in selection.needed),
        )
        script, count = render(plan, selection.remark), len(plan.statements)
    except SchemadiffError as exc:
        refusal = str(exc)
    return SelectionPage(
        comparison=comparison,
        keys=tuple(keys),
        chosen=chosen,
        script=script,
        statements=count,
        refusal=refusal,
        permalink=query if len(query) <= LONGEST_ADDRESS else "",
    )


def keys_of(given: Sequence[str]) -> Iterator[str]:
    """What a form sends: each key once, as it came; a script may send many in one field, a line each."""
    seen = set[str]()
    for line in (line for text in given for line in text.splitlines()):
        key = line.strip()
        if key and key not in seen:
            seen.add(key)
            yield key


def _chosen(ref: ObjectRef, needed_by: ObjectRef | None) -> Chosen:
    return Chosen(key=ref.key, name=_name(ref), needed_by=_name(needed_by) if needed_by else "")


def _name(ref: ObjectRef) -> str:
    return f"{ref.kind.value} {ref.label}"
