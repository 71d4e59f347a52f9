"""Comments on what belongs to an object and is none of its own: from what is left of the target's to the source's."""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core.access import Access, InnerComment, Within
from schemadiff.core.catalog import Column, CompositeType, Domain
from schemadiff.core.ddl import domains
from schemadiff.core.ddl.comments import Commented, comment_within
from schemadiff.core.inventory import Item, Value
from schemadiff.core.plan import Statement


def comment_steps(item: Item, wanted: Access, present: Access) -> Iterator[Statement]:
    value = item.value
    assert isinstance(value, Commented)
    want = {(comment.of.value, comment.name): comment for comment in wanted.comments}
    have = {(comment.of.value, comment.name): comment for comment in present.comments}
    for key in sorted(want.keys() | have.keys()):
        text = want[key].text if key in want else None
        if key not in have or have[key].text != text:
            yield comment_within(item.ref, value, item.owner, want.get(key) or have[key], text)


def comments_left(
    comments: tuple[InnerComment, ...], source: Value, target: Value, *, checks_again: bool
) -> tuple[InnerComment, ...]:
    """Without those on what the plan drops, if only to make it again. `checks_again`: every check of a domain."""
    match source, target:
        case Domain(), Domain():
            names = domains.kept_constraints(source, domains.bare(target) if checks_again else target)
            return tuple(
                replace(comment, name=names[comment.name]) for comment in comments if comment.name in names
            )
        case CompositeType(), CompositeType():
            wanted = {(attribute.name, attribute.type) for attribute in source.attributes}
            stay = (a.name for a in target.attributes if (a.name, a.type) in wanted)
            kept = {(Within.ATTRIBUTE, name) for name in stay}
        case Column(identity=None), Column():
            return ()  # its sequence has gone with the identity
        case _:
            return comments
    return tuple(comment for comment in comments if (comment.of, comment.name) in kept)
