"""Who owns an object, who may do what with it, its labels and the comments within: where that is not the usual.

Usual is that the database's owner owns everything and that nobody was granted or denied anything. Roles are
named, but for the database's owner: whoever that is counts as the same on every database.
"""

from dataclasses import dataclass
from enum import Enum

from schemadiff.core.objects import Kind, ObjectRef

PUBLIC = "public"  # everybody; no role can have this name
DATABASE_OWNER = ""  # whoever owns the database
ALL = "ALL"  # every privilege that there is on such an object: later versions of PostgreSQL know more


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one role may do beyond what PostgreSQL gives by itself, or (`revoked`) may not do of that.

    `grantor` is None where it is the object's owner, as it mostly is.
    """

    grantee: str
    privileges: tuple[str, ...]  # sorted, or ALL
    grantable: bool = False
    revoked: bool = False
    grantor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    provider: str
    text: str


class Within(Enum):
    """What belongs to an object, is none of its own, and can have a comment all the same."""

    INDEX = "its index"  # a constraint's
    SEQUENCE = "its sequence"  # an identity column's
    ATTRIBUTE = "attribute"  # of a composite type
    CONSTRAINT = "constraint"  # of a domain


@dataclass(frozen=True, slots=True, kw_only=True)
class InnerComment:
    """`name` is an attribute's or a constraint's."""

    of: Within
    name: str = ""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What is unusual about one object; `sequence` are the grants on an identity column's sequence."""

    ref: ObjectRef
    owner: str = DATABASE_OWNER
    grants: tuple[Grant, ...] = ()
    sequence: tuple[Grant, ...] = ()
    labels: tuple[Label, ...] = ()
    comments: tuple[InnerComment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultPrivileges:
    """What a role's new objects are granted, in one schema or (no schema) everywhere."""

    schema: str
    role: str
    objects: str  # tables, sequences, functions, types, schemas, large objects
    grants: tuple[Grant, ...]

    @property
    def name(self) -> str:
        return f"{self.objects} of {role_name(self.role)}"

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef(kind=Kind.DEFAULT_PRIVILEGES, schema=self.schema, name=self.name)


def role_name(role: str) -> str:
    """The role as people read it."""
    return role or "the database's owner"


def grants_text(grants: tuple[Grant, ...]) -> str | None:
    """One line a grantee and manner: `bob: SELECT, UPDATE`."""
    return "\n".join(_line(grant) for grant in grants) or None


def access_attributes(access: Access | None) -> dict[str, str | None]:
    """The attributes that an object has by its access; none of them where nothing is unusual."""
    if access is None:
        return {}
    labels = {f"security label of {label.provider}": label.text for label in access.labels}
    return {
        "owner": access.owner or None,
        "grants": grants_text(access.grants),
        "grants on its sequence": grants_text(access.sequence),
        **labels,
        **{_inner_name(comment): comment.text for comment in access.comments},
    }


def _inner_name(comment: InnerComment) -> str:
    """`comment of attribute street`."""
    return " ".join(word for word in ("comment of", comment.of.value, comment.name) if word)


def _line(grant: Grant) -> str:
    not_ = "no " if grant.revoked else ""
    words = ", ".join(grant.privileges)
    words = "privileges" if grant.revoked and words == ALL else words
    option = " with grant option" if grant.grantable else ""
    by = "" if grant.grantor is None else f", granted by {role_name(grant.grantor)}"
    return f"{role_name(grant.grantee)}: {not_}{words}{option}{by}"
