"""How two databases sort text and tell it apart, and what of that may surprise whoever moves rows between them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from migration.core.events import Level, Log
from schemadiff.core.mapping import QualifiedName

NAMED = 20
"""How many keys a warning names."""

_PROVIDERS = {"c": "libc", "i": "ICU", "b": "PostgreSQL itself"}
_BY_CODE_POINT = frozenset({"C", "POSIX", "C.UTF8", "PG_C_UTF8", "PG_UNICODE_FAST"})
_BUILT_IN = "b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collation:
    """`recorded` is the version that its indexes were built with, `actual` the one that the server has now.

    Both are None where the provider has no versions. `name` is empty for a database's default.
    """

    name: str = ""
    provider: str
    locale: str  # of the sort order
    ctype: str = ""  # of upper and lower case; as `locale` where it is empty
    deterministic: bool = True
    recorded: str | None = None
    actual: str | None = None

    @property
    def by_code_point(self) -> bool:
        """Every provider sorts by code points here, and needs no version for it."""
        plain = self.locale.upper().replace("UTF-8", "UTF8")
        return self.provider != "i" and (plain in _BY_CODE_POINT or self.provider == _BUILT_IN)

    @property
    def label(self) -> str:
        version = self.actual or self.recorded
        ctype = f", upper and lower case of {self.ctype}" if self.ctype not in ("", self.locale) else ""
        provider = _PROVIDERS.get(self.provider, self.provider)
        return f"{self.locale or 'no locale'} of {provider}" + (f" {version}" if version else "") + ctype


@dataclass(frozen=True, slots=True, kw_only=True)
class TextKey:
    """A unique index over text; of the collations that its columns have."""

    table: QualifiedName
    index: str
    collation: Collation
    is_default: bool  # the database's collation

    @property
    def label(self) -> str:
        return f"{'.'.join(self.table)}: {self.index}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorting:
    """One database: its default, its collations that are of use here, and the keys over text of some tables."""

    default: Collation
    named: tuple[Collation, ...] = ()
    keys: tuple[TextKey, ...] = ()


def warnings_of(source: Sorting, target: Sorting) -> Iterator[Log]:
    """What to know before rows move; nothing where both databases sort alike."""
    yield from _default(source, target)
    yield from _named(source, target)
    yield from _outdated("source", source)
    yield from _outdated("target", target)
    yield from _indistinct(target)


def _default(source: Sorting, target: Sorting) -> Iterator[Log]:
    here, there = source.default, target.default
    keys = [key for key in source.keys if key.is_default]
    if not _sorts_alike(here, there):
        yield _warning(
            f"Text is sorted by {here.label} in the source and by {there.label} in the target: ORDER BY, ranges of "
            "text and partitions by it may come out differently there. Rows are not compared by it, so none is "
            "lost. If the order matters, make the target database anew with the source's locale.",
            keys,
        )
    elif (here.ctype or here.locale) != (there.ctype or there.locale) and not _is_same_case(here, there):
        yield _warning(
            f"Upper and lower case of letters go by {here.ctype or here.locale} in the source and by "
            f"{there.ctype or there.locale} in the target: unique indexes on lower() or upper() may tell other texts "
            "apart. Make the target database anew with the source's locale if that matters.",
            keys,
        )


def _is_same_case(here: Collation, there: Collation) -> bool:
    def plain(collation: Collation) -> str:
        return (collation.ctype or collation.locale).upper().replace("UTF-8", "UTF8")

    return plain(here) == plain(there)


def _named(source: Sorting, target: Sorting) -> Iterator[Log]:
    there = {collation.name: collation for collation in target.named}
    for here in source.named:
        other = there.get(here.name)
        if other is None:
            continue
        keys = [key for key in source.keys if key.collation.name == here.name]
        if here.deterministic != other.deterministic:
            apart, equal = ("source", "target") if here.deterministic else ("target", "source")
            yield _warning(
                f"The collation {here.name} tells all different texts apart in the {apart} and takes some for equal in "
                f"the {equal}: keys over text hold other rows there. Make both alike first.",
                keys,
            )
        elif not _sorts_alike(here, other):
            yield _warning(
                f"The collation {here.name} is {here.label} in the source and {other.label} in the target: text sorts "
                "differently there.",
                keys,
            )


def _outdated(side: str, sorting: Sorting) -> Iterator[Log]:
    for collation in (sorting.default, *sorting.named):
        if collation.recorded and collation.actual and collation.recorded != collation.actual:
            name = collation.name or "the database's default"
            keys = [
                key
                for key in sorting.keys
                if (key.is_default and not collation.name) or key.collation.name == collation.name
            ]
            yield _warning(
                f"In the {side} indexes on text were built with version {collation.recorded} of {name} and the server "
                f"has {collation.actual}: unique keys may hold duplicates, which become rejects. REINDEX what uses it, "
                "then ALTER DATABASE or COLLATION … REFRESH VERSION.",
                keys,
            )


def _indistinct(target: Sorting) -> Iterator[Log]:
    keys = [key for key in target.keys if not key.collation.deterministic]
    if keys:
        yield _warning(
            "These keys of the target take some different texts for equal (a nondeterministic collation): of rows that "
            "only differ so, all but the first become rejects.",
            keys,
        )


def _sorts_alike(here: Collation, there: Collation) -> bool:
    if here.by_code_point and there.by_code_point:
        return True
    versions = (here.actual or here.recorded), (there.actual or there.recorded)
    alike = replace(here, name="", ctype="", recorded=None, actual=None) == replace(
        there, name="", ctype="", recorded=None, actual=None
    )
    return alike and (None in versions or versions[0] == versions[1])


def _warning(message: str, keys: Iterable[TextKey]) -> Log:
    labels = sorted({key.label for key in keys})
    more = len(labels) - NAMED
    shown = [f"key over text: {label}" for label in labels[:NAMED]]
    return Log(
        message=message,
        level=Level.WARNING,
        details=(*shown, *([f"and {more:,} more keys over text"] if more > 0 else [])),
    )
