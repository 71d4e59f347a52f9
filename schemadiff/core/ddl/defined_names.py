"""How statements name objects that are a definition and a name."""

from schemadiff.core.catalog import DefinedObject, Kind, ObjectMember
from schemadiff.core.defined_objects import SCHEMA_MEMBER, SPELLED
from schemadiff.core.identifiers import qualified, quote

_NOUNS = {
    Kind.BASE_TYPE: "TYPE",
    Kind.WRAPPER: "FOREIGN DATA WRAPPER",
    Kind.TRANSFORM: "TRANSFORM FOR",
    Kind.USER_MAPPING: "USER MAPPING FOR",
}


def subject(value: DefinedObject) -> str:
    """`OPERATOR public.===(integer, integer)`, as ALTER, DROP and COMMENT take it."""
    noun = _NOUNS.get(value.kind, value.kind.value.upper())
    return f"{noun} {_name(value)}"


def members_subject(owner: DefinedObject) -> str:
    """What stands before a member's definition."""
    return "MAPPING FOR " if owner.kind is Kind.CONFIGURATION else ""


def dropped_member(owner: DefinedObject, member: ObjectMember) -> str:
    """What follows DROP. A published table's children would go too, but for ONLY."""
    if owner.kind is Kind.PUBLICATION and not member.name.startswith(SCHEMA_MEMBER):
        return f"TABLE ONLY {member.name}"
    return f"{members_subject(owner)}{member.name}"


def _name(value: DefinedObject) -> str:
    if value.kind is Kind.CAST:
        return f"({value.name})"
    if value.kind in SPELLED:
        return f"{quote(value.schema)}.{value.name}" if value.schema else value.name
    return qualified(value.schema, value.name) if value.schema else quote(value.name)
