"""Objects that are a definition and a name: operators, casts, collations, publications, servers and their like."""

from dataclasses import dataclass
from typing import TypeAlias

from schemadiff.core.objects import Kind, ObjectRef

Setting: TypeAlias = tuple[str, str]  # a name, and what it is set to

DEFINED_KINDS = frozenset(
    {
        Kind.BASE_TYPE,
        Kind.COLLATION,
        Kind.CONVERSION,
        Kind.CAST,
        Kind.OPERATOR,
        Kind.OPERATOR_FAMILY,
        Kind.OPERATOR_CLASS,
        Kind.PARSER,
        Kind.TEMPLATE,
        Kind.DICTIONARY,
        Kind.CONFIGURATION,
        Kind.LANGUAGE,
        Kind.TRANSFORM,
        Kind.ACCESS_METHOD,
        Kind.WRAPPER,
        Kind.SERVER,
        Kind.USER_MAPPING,
        Kind.PUBLICATION,
        Kind.SUBSCRIPTION,
        Kind.EVENT_TRIGGER,
    }
)

SECRET = "secret option "  # begins the names of options whose values are never read

SCHEMA_MEMBER = "TABLES IN SCHEMA "  # begins the names of the schemas that a publication publishes

# Their names are SQL already, with types or what else tells them apart: `===(integer, integer)`.
SPELLED = frozenset(
    {
        Kind.CAST,
        Kind.OPERATOR,
        Kind.OPERATOR_CLASS,
        Kind.OPERATOR_FAMILY,
        Kind.TRANSFORM,
        Kind.USER_MAPPING,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectMember:
    """What is put into an object and taken out of it by itself, whatever it depends on.

    A publication's table or schema, the dictionaries for one kind of token, an operator that was added to
    a family. `definition` is what follows ADD.
    """

    name: str
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinedObject:
    """`definition` is its CREATE statement as pg_dump writes it, without what can be altered in place.

    That is in `settings` and `members`, each sorted by name. `schema` is empty for what is in no schema.
    """

    kind: Kind
    schema: str = ""
    name: str
    definition: str
    settings: tuple[Setting, ...] = ()
    members: tuple[ObjectMember, ...] = ()
    comment: str | None = None

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef(kind=self.kind, schema=self.schema, name=self.name)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The options whose values nobody has read."""
        return tuple(name.removeprefix(SECRET) for name, _ in self.settings if name.startswith(SECRET))


def member_ref(owner: DefinedObject, member: ObjectMember) -> ObjectRef:
    return ObjectRef(kind=Kind.MEMBER, schema=owner.schema, parent=owner.name, name=member.name)
