"""Comparisons as rows, and what is computed from their two snapshots: the difference and the three options."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from schemadiff.core.catalog import Catalog
from schemadiff.core.changes import Diff
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping, QualifiedName
from schemadiff.core.matching.learnt import VERSION
from schemadiff.core.noise.applying import Agreement, agree
from schemadiff.core.noise.rules import Rules
from schemadiff.core.options.hybrid import Relaxation, hybrid
from schemadiff.core.options.option import Measure, Option, OptionName, Scope
from schemadiff.core.options.recreate import recreate
from schemadiff.core.options.relaxing import Proposal, key_of, propose, relaxations
from schemadiff.core.options.transform import transform
from schemadiff.core.plan import Mode
from schemadiff.models import Comparison, Project, Snapshot
from schemadiff.store.mappings import mapping_of, renames_mapping_of
from schemadiff.store.rules import rules_of
from schemadiff.store.snapshots import catalog_of

_KEPT = 8


def create_comparison(
    project: Project,
    source: Snapshot,
    target: Snapshot,
    *,
    tables: Iterable[QualifiedName],
    protected: Iterable[QualifiedName],
    user: User | None,
) -> Comparison:
    """Number and keep a comparison of two snapshots, which is about to be matched."""
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)  # one number each
        last = Comparison.objects.filter(project=project).aggregate(last=Max("number"))["last"]
        return Comparison.objects.create(
            project=project,
            number=(last or 0) + 1,
            source=source,
            target=target,
            tables=_as_json(tables),
            protected=_as_json(protected),
            matched_by=VERSION,
            created_by=user,
        )


def set_scope(
    comparison: Comparison, *, tables: Iterable[QualifiedName], protected: Iterable[QualifiedName]
) -> None:
    """Say anew which source tables are carried and which target tables are protected.

    What was measured for the old scope is void and removed.
    """
    with transaction.atomic():
        comparison.tables = _as_json(tables)
        comparison.protected = _as_json(protected)
        comparison.save(update_fields=["tables", "protected"])
        comparison.evidence.all().delete()


def scope_of(comparison: Comparison) -> Scope:
    """The comparison's scope, sorted."""
    return Scope(tables=_as_names(comparison.tables), protected=_as_names(comparison.protected))


def hybrid_choices_of(comparison: Comparison) -> frozenset[Relaxation]:
    """What hybrid gives up of the target's rules, as people have chosen."""
    return relaxations(comparison.hybrid_choices)


def choose_for_hybrid(comparison: Comparison, relax: frozenset[Relaxation]) -> None:
    """Say anew what hybrid gives up. What was measured before is void and removed; the same again changes nothing."""
    keys = sorted(key_of(relaxation) for relaxation in relax)
    with transaction.atomic():
        changed = (
            Comparison.objects.filter(pk=comparison.pk)
            .exclude(hybrid_choices=keys)
            .update(hybrid_choices=keys)
        )
        if changed:
            comparison.evidence.all().delete()
    comparison.hybrid_choices = keys


def diff_of(comparison: Comparison) -> Diff:
    """What differs in all that is not ignored, confirmed renames counted as such."""
    return agreement_of(comparison).diff


def agreement_of(comparison: Comparison) -> Agreement:
    """The source with the project's ignore rules applied, what differs from it, and what they hide.

    Kept per pair of snapshots, mapping and rules.
    """
    return agreement_between(inputs_of(comparison))


def inputs_of(comparison: Comparison) -> "Inputs":
    """What the difference follows from."""
    return Inputs(
        sides=_sides(comparison),
        mapping=renames_mapping_of(comparison),
        rules=rules_of(comparison.project_id),
    )


def option_of(comparison: Comparison, name: OptionName, mode: Mode = Mode.PLAIN) -> Option:
    """One option worked out for this comparison's scope and mapping; kept for those who ask again.

    Raises Refused with the reason where it cannot be worked out at all (a protected table in the way).
    """
    mapping = mapping_of(comparison) if name is OptionName.TRANSFORM else Mapping()
    relax = hybrid_choices_of(comparison) if name is OptionName.HYBRID else frozenset[Relaxation]()
    return _option(name, _sides(comparison), scope_of(comparison), mapping, relax, mode)


def options_of(comparison: Comparison) -> dict[OptionName, Option]:
    """The three options. Raises Refused as `option_of` does."""
    return {name: option_of(comparison, name) for name in OptionName}


def proposals_of(comparison: Comparison, measures: Iterable[Measure]) -> tuple[Proposal, ...]:
    """The next steps that hybrid's figures speak for; none where hybrid cannot be worked out."""
    chosen = hybrid_choices_of(comparison)
    return _proposals(_sides(comparison), scope_of(comparison), chosen, tuple(measures))


def options_or_refusals(comparison: Comparison) -> dict[OptionName, Option | str]:
    """The three options, and for one that cannot be worked out the sentence that says why."""
    found: dict[OptionName, Option | str] = {}
    for name in OptionName:
        try:
            found[name] = option_of(comparison, name)
        except Refused as refusal:
            found[name] = str(refusal)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sides:
    """The two snapshots of a comparison, as a key to what was computed from them: neither ever changes.

    The fingerprints are part of it so that a database with reused ids (a test's) cannot be confused.
    """

    source_id: int
    target_id: int
    source_fingerprint: str
    target_fingerprint: str

    def catalogs(self) -> tuple[Catalog, Catalog]:
        found = Snapshot.objects.defer("catalog").in_bulk([self.source_id, self.target_id])
        return catalog_of(found[self.source_id]), catalog_of(found[self.target_id])


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a difference follows from: the same inputs give the same."""

    sides: _Sides
    mapping: Mapping
    rules: Rules


def _sides(comparison: Comparison) -> _Sides:
    return _Sides(
        source_id=comparison.source_id,
        target_id=comparison.target_id,
        source_fingerprint=comparison.source.fingerprint,
        target_fingerprint=comparison.target.fingerprint,
    )


@lru_cache(maxsize=_KEPT)
def agreement_between(inputs: Inputs) -> Agreement:
    """As `agreement_of`."""
    return agree(*inputs.sides.catalogs(), inputs.rules, inputs.mapping)


@lru_cache(maxsize=3 * _KEPT)
def _option(
    name: OptionName,
    sides: _Sides,
    scope: Scope,
    mapping: Mapping,
    relax: frozenset[Relaxation],
    mode: Mode,
) -> Option:
    source, target = sides.catalogs()
    match name:
        case OptionName.RECREATE:
            return recreate(source, target, scope, mode)
        case OptionName.TRANSFORM:
            return transform(source, target, scope, mapping)
        case OptionName.HYBRID:
            return hybrid(source, target, scope, relax, mode)


@lru_cache(maxsize=_KEPT)
def _proposals(
    sides: _Sides, scope: Scope, chosen: frozenset[Relaxation], measures: tuple[Measure, ...]
) -> tuple[Proposal, ...]:
    source, target = sides.catalogs()
    try:
        return propose(source, target, scope, chosen, measures)
    except Refused:
        return ()


def _as_json(names: Iterable[QualifiedName]) -> list[list[str]]:
    return [list(name) for name in sorted(set(names))]


def _as_names(rows: list[list[str]]) -> tuple[QualifiedName, ...]:
    return tuple(sorted((row[0], row[1]) for row in rows))
