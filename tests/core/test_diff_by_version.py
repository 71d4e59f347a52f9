"""What looks otherwise in another version of PostgreSQL, or in another schema, and is no difference."""

from dataclasses import replace

from schemadiff.core.access import InnerComment, Within
from schemadiff.core.catalog import (
    Access,
    Catalog,
    Column,
    Dependency,
    Domain,
    Extension,
    Function,
    Schema,
    Table,
    View,
)
from schemadiff.core.changes import Altered, AttributeChange
from schemadiff.core.ddl.references import column_ref
from schemadiff.core.diff import diff


def test_views_as_15_and_16_print_them() -> None:
    def catalog(version: int, text: str) -> Catalog:
        view = View(schema="s", name="v", definition=text)
        return Catalog(server_version=version, schemas=(Schema(name="s"),), views=(view,))

    older = catalog(150018, " SELECT c.c,\n    c.\"d e\"\n   FROM s.c\n  WHERE (c.c = 'c.d'::text)")
    newer = catalog(160014, " SELECT c,\n    \"d e\"\n   FROM s.c\n  WHERE (c = 'c.d'::text)")
    assert diff(older, newer).is_empty
    assert diff(newer, older).is_empty
    assert not diff(older, replace(newer, server_version=150018)).is_empty
    another = catalog(160014, " SELECT c,\n    \"d e\"\n   FROM c\n  WHERE (c = 'c.d'::text)")
    assert not diff(older, another).is_empty, "a schema is no table's name"


def test_a_domains_not_null_has_no_name_before_17() -> None:
    def catalog(version: int, name: str | None) -> Catalog:
        domain = Domain(schema="s", name="d", type="text", not_null=True, not_null_name=name)
        inner = InnerComment(of=Within.CONSTRAINT, name=name or "other", text="said of it")
        access = Access(ref=domain.ref, comments=(inner,) if name else ())
        return Catalog(server_version=version, domains=(domain,), access=(access,))

    assert diff(catalog(180000, "filled"), catalog(160000, None)).is_empty
    assert not diff(catalog(180000, "filled"), catalog(170000, None)).is_empty


def test_an_extension_that_moves_changes_nothing_that_uses_it() -> None:
    def catalog(schema: str) -> Catalog:
        extension = Extension(name="vector", schema=schema, version="0.8")
        notes = Table(
            schema="public",
            name="notes",
            columns=(Column(name="place", position=1, type=f"{schema}.vector(3)"),),
        )
        nearest = Function(
            schema="public",
            name="nearest",
            arguments=f"{schema}.vector",
            definition=f"CREATE FUNCTION public.nearest({schema}.vector)\n LANGUAGE sql\nAS 'SELECT 1'",
            returns="integer",
            language="sql",
        )
        users = (column_ref(notes, "place"), nearest.ref)
        return Catalog(
            extensions=(extension,),
            tables=(notes,),
            functions=(nearest,),
            dependencies=tuple(Dependency(dependent=user, on=extension.ref) for user in users),
        )

    [only] = diff(catalog("extensions"), catalog("public")).different
    assert only.own == Altered(
        ref=only.ref, attributes=(AttributeChange(name="schema", source="extensions", target="public"),)
    )
