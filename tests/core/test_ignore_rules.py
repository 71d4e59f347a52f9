"""What a rule covers, and what of an object it makes the target's."""

from dataclasses import replace
from typing import Any

import pytest

from schemadiff.core.catalog import (
    Catalog,
    Column,
    Constraint,
    ConstraintKind,
    Dependency,
    Domain,
    DomainConstraint,
    EnumType,
    Extension,
    Function,
    Index,
    Kind,
    NotNull,
    ObjectRef,
    Schema,
    Sequence,
    SequenceOptions,
    Table,
    View,
)
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.core.noise.applying import Agreement, agree
from schemadiff.core.noise.attributes import WORDS, without_storage
from schemadiff.core.noise.rules import IgnoreRule, Rules
from schemadiff.core.planner import plan_schema


def ref(kind: Kind, name: str, parent: str = "", schema: str = "public") -> ObjectRef:
    return ObjectRef(kind=kind, schema=schema, parent=parent, name=name)


def column(name: str, position: int = 1, **more: Any) -> Column:
    return replace(Column(name=name, position=position, type="integer"), **more)


def table(name: str = "t", *columns: Column, **more: Any) -> Table:
    return replace(Table(schema="public", name=name, columns=columns or (column("id"),)), **more)


def catalog(*tables: Table, **more: Any) -> Catalog:
    return replace(Catalog(schemas=(Schema(name="public"),), tables=tables), **more)


def ignoring(*rules: IgnoreRule) -> Rules:
    return Rules(entries=rules)


def rule(**conditions: Any) -> IgnoreRule:
    return replace(IgnoreRule(reason="It is so."), **conditions)


def agreed(source: Catalog, target: Catalog, *rules: IgnoreRule) -> Agreement:
    found = agree(source, target, ignoring(*rules))
    assert not found.diff.is_empty or not plan_schema(found.wanted, target).statements
    return found


@pytest.mark.parametrize(
    ("found", "meant", "not_meant"),
    [
        (rule(names=("tmp_*",)), ref(Kind.TABLE, "tmp_a"), ref(Kind.TABLE, "a_tmp_")),
        (rule(names=("tmp_*",)), ref(Kind.VIEW, "tmp_a"), ref(Kind.COLUMN, "tmp_a", "t")),
        (rule(names=("public.t",)), ref(Kind.TABLE, "t"), ref(Kind.TABLE, "t", schema="app")),
        (rule(names=("f",)), ref(Kind.FUNCTION, "f(integer)"), ref(Kind.FUNCTION, "ff(integer)")),
        (rule(names=("f(integer)",)), ref(Kind.FUNCTION, "f(integer)"), ref(Kind.FUNCTION, "f(text)")),
        (rule(names=("?",)), ref(Kind.TABLE, "t"), ref(Kind.TABLE, "tt")),
        (rule(names=("a.b",)), ref(Kind.TABLE, "a.b"), ref(Kind.TABLE, "aXb")),
        (rule(schemas=("audit",)), ref(Kind.TABLE, "t", schema="audit"), ref(Kind.TABLE, "audit")),
        (rule(schemas=("audit",)), ref(Kind.SCHEMA, "audit", schema=""), ref(Kind.SCHEMA, "app", schema="")),
        (rule(kinds=(Kind.INDEX,)), ref(Kind.INDEX, "i", "t"), ref(Kind.TABLE, "i")),
        (
            rule(kinds=(Kind.INDEX,), names=("public.t",)),
            ref(Kind.INDEX, "i", "t"),
            ref(Kind.INDEX, "i", "u"),
        ),
        (rule(attributes=("comment",)), ref(Kind.COLUMN, "c", "t"), ref(Kind.COLUMN, "c", "t", schema="")),
    ],
)
def test_what_a_rule_covers(found: IgnoreRule, meant: ObjectRef, not_meant: ObjectRef) -> None:
    assert found.covers(meant)
    assert not found.covers(not_meant) or (found.attributes and not found.schemas)


def test_a_rule_says_what_it_is_about() -> None:
    assert rule(attributes=("comment",)).label == "comment"
    full = rule(kinds=(Kind.TABLE, Kind.VIEW), schemas=("audit",), names=("tmp_*",))
    assert full.label == "everything (table, view; in audit; named tmp_*)"


def test_an_attribute_is_the_targets_and_nothing_else_is() -> None:
    source = catalog(table("t", column("id", comment="ours"), comment="ours", options=("fillfactor=70",)))
    target = catalog(table("t", column("id", comment="theirs"), column("b", 2)))
    found = agreed(source, target, rule(attributes=("comment",)))
    assert found.wanted.tables[0].comment is None
    assert found.wanted.tables[0].columns[0].comment == "theirs"
    assert found.wanted.tables[0].options == ("fillfactor=70",)
    assert [change.ref.name for change in found.diff.different[0].changes] == ["t", "b"]
    (hidden,) = found.hidden
    assert (hidden.changes, hidden.objects) == (2, 1)


def test_an_attribute_of_some_kinds_only() -> None:
    source = catalog(table("t", column("id", comment="ours"), comment="ours"))
    found = agreed(source, catalog(table("t")), rule(attributes=("comment",), kinds=(Kind.COLUMN,)))
    assert found.wanted.tables[0].comment == "ours"
    assert found.wanted.tables[0].columns[0].comment is None


def test_what_two_rules_would_hide_counts_for_the_first() -> None:
    source = catalog(table("t", comment="ours"), table("u", comment="ours"))
    target = catalog(table("t"), table("u"))
    found = agreed(
        source, target, rule(names=("t",)), rule(attributes=("comment",)), rule(schemas=("nowhere",))
    )
    assert [(one.changes, one.objects) for one in found.hidden] == [(0, 0), (2, 2), (0, 0)]
    assert found.diff.is_empty


def test_storage_options() -> None:
    def side(*, options: tuple[str, ...], storage: str | None, index: str) -> Catalog:
        key = Constraint(
            name="k", kind=ConstraintKind.PRIMARY_KEY, definition="PRIMARY KEY (id)", options=options
        )
        one = table(
            "t",
            column("id", storage=storage),
            options=options,
            constraints=(key,),
            indexes=(Index(name="i", definition=index, method="btree"),),
        )
        return catalog(one, views=(View(schema="public", name="v", definition="SELECT 1", options=options),))

    index = "CREATE INDEX i ON public.t USING btree (id, lower(' WITH (x)')){} WHERE (id > 0)"
    source = side(options=("fillfactor=70",), storage="main", index=index.format(" WITH (fillfactor='70')"))
    target = side(options=(), storage=None, index=index.format(""))
    for one, other in ((source, target), (target, source)):
        found = agreed(one, other, rule(attributes=("storage options",)))
        assert found.wanted.tables == other.tables
        assert [entry.ref.kind for entry in found.diff.different] == [
            Kind.VIEW
        ]  # security_barrier and the like
        assert found.hidden[0].changes == 4


@pytest.mark.parametrize(
    ("definition", "storage"),
    [
        ("CREATE INDEX i ON a.t USING gin (c)", ""),
        (
            "CREATE INDEX i ON a.t USING btree (a) INCLUDE (b) WITH (fillfactor='7') WHERE c",
            " WITH (fillfactor='7')",
        ),
        ('CREATE INDEX " WITH (a)" ON a.t USING btree (a)', ""),
        ("CREATE INDEX i ON a.t USING btree (a) WHERE (b = ' WITH (c)'::text)", ""),
    ],
)
def test_storage_parameters_of_an_index(definition: str, storage: str) -> None:
    bare, found = without_storage(definition)
    assert found == storage
    assert bare == definition.replace(storage, "") if storage else bare == definition


def test_names_of_constraints_and_indexes() -> None:
    def side(key: str, index: str) -> Catalog:
        one = table(
            "t",
            constraints=(
                Constraint(name=key, kind=ConstraintKind.PRIMARY_KEY, definition="PRIMARY KEY (id)"),
            ),
            indexes=(
                Index(
                    name=index,
                    definition=f"CREATE INDEX {index} ON public.t USING btree (id)",
                    method="btree",
                ),
            ),
        )
        needs = Dependency(dependent=ref(Kind.VIEW, "v"), on=ref(Kind.CONSTRAINT, key, "t"))
        return catalog(
            one, views=(View(schema="public", name="v", definition="SELECT 1"),), dependencies=(needs,)
        )

    source, target = side("ours_pk", "ours"), side("theirs_pk", "theirs")
    found = agreed(source, target, rule(attributes=("constraint name",)), rule(attributes=("index name",)))
    assert found.wanted == target
    assert [one.changes for one in found.hidden] == [1, 1]
    only_keys = agreed(source, target, rule(attributes=("constraint name",)))
    assert [part.ref.kind for part in only_keys.diff.different[0].parts] == [Kind.INDEX]


def test_names_of_a_domains_checks() -> None:
    def side(name: str) -> Catalog:
        check = DomainConstraint(name=name, definition="CHECK ((VALUE > 0))")
        return catalog(domains=(Domain(schema="public", name="d", type="integer", constraints=(check,)),))

    found = agreed(side("a"), side("b"), rule(attributes=("constraint name",)))
    assert found.diff.is_empty


def test_the_name_of_a_domains_not_null() -> None:
    def side(name: str | None) -> Catalog:
        return catalog(
            domains=(Domain(schema="public", name="d", type="integer", not_null=True, not_null_name=name),)
        )

    found = agreed(side("ours"), side(None), rule(attributes=("constraint name",)))
    assert found.diff.is_empty
    assert found.hidden[0].changes == 1


def test_the_name_of_a_not_null() -> None:
    source = catalog(
        table("t", column("a", not_null=True, not_null_as=NotNull(name="ours", validated=False)))
    )
    target = catalog(table("t", column("a", not_null=True, not_null_as=NotNull(name="theirs"))))
    found = agreed(source, target, rule(attributes=("constraint name",)))
    assert found.wanted.tables[0].columns[0].not_null_as == NotNull(name="theirs", validated=False)
    usual = catalog(table("t", column("a", not_null=True)))
    named = catalog(table("t", column("a", not_null=True, not_null_as=NotNull(name="ours"))))
    assert agreed(named, usual, rule(attributes=("constraint name",))).wanted == usual
    assert agreed(usual, named, rule(attributes=("constraint name",))).hidden[0].changes == 1


def test_the_order_of_columns() -> None:
    source = catalog(table("t", column("a", 1), column("new", 2), column("b", 3), column("c", 4)))
    target = catalog(table("t", column("c", 1), column("gone", 2), column("a", 3), column("b", 4)))
    found = agreed(source, target, rule(attributes=("column order",)))
    assert [one.name for one in found.wanted.tables[0].columns] == ["c", "new", "a", "b"]
    assert [one.position for one in found.wanted.tables[0].columns] == [1, 2, 3, 4]


def test_an_extensions_version() -> None:
    source, target = (
        catalog(extensions=(Extension(name="x", schema="public", version=version),)) for version in ("1", "2")
    )
    assert agreed(source, target, rule(attributes=("extension version",))).diff.is_empty


def test_a_table_that_was_renamed_is_one_object() -> None:
    source = catalog(table("old", column("id", comment="ours"), comment="ours"))
    target = catalog(table("new", column("key")))
    pair = ColumnPair(source="id", target="key", status=PairStatus.CONFIRMED)
    entry = TableMapping(source=("public", "old"), target=("public", "new"), pairs=(pair,))
    mapping = Mapping(tables=(entry,))
    found = agree(source, target, ignoring(rule(attributes=("comment",))), mapping)
    assert found.wanted.tables[0].comment is None
    assert found.wanted.tables[0].columns[0].comment is None
    assert agree(source, target, ignoring(rule(names=("old",))), mapping).wanted == target


def test_every_word_is_of_some_class_or_done_by_hand() -> None:
    by_hand = {
        "column order",
        "constraint name",
        "index name",
        "extension version",
        "owner",
        "security labels",
    }
    assert by_hand < set(WORDS)
    for name, word in WORDS.items():
        assert word.shown and word.means
        assert bool(word.fields) is (name not in by_hand)


def test_without_rules_nothing_is_done() -> None:
    source = catalog(table("t"))
    found = agree(source, catalog(), Rules())
    assert found.wanted is source
    assert found.hidden == ()


def test_whole_objects() -> None:
    """One on either side, one that differs; with their parts."""
    index = Index(name="i", definition="CREATE INDEX i ON public.same USING btree (id)", method="btree")
    source = catalog(table("same", indexes=(index,)), table("tmp_a"), table("tmp_c", column("x")))
    target = catalog(table("same"), table("tmp_b"), table("tmp_c", column("y")))
    found = agreed(source, target, rule(names=("tmp_*",)), rule(kinds=(Kind.INDEX,)))
    assert found.wanted == target
    assert [(one.changes, one.objects) for one in found.hidden] == [(4, 3), (1, 1)]
    assert found.kept == ()


def test_a_serial_columns_sequence_goes_with_its_table() -> None:
    sequence = Sequence(
        schema="public", name="t_id_seq", options=SequenceOptions(), owned_by=("public", "t", "id")
    )
    source = catalog(table("t"), sequences=(sequence,))
    found = agreed(source, catalog(), rule(names=("t",)))
    assert found.wanted.sequences == () == found.wanted.tables
    assert found.hidden[0].changes == 2


def test_what_a_shown_object_needs_is_shown_although_it_is_ignored() -> None:
    function = Function(
        schema="public", name="f", arguments="", definition="CREATE f", returns="integer", language="sql"
    )
    needs = Dependency(dependent=ref(Kind.COLUMN, "id", "t"), on=function.ref)
    source = catalog(table("t", column("id", default="f()")), functions=(function,), dependencies=(needs,))
    found = agree(source, catalog(), ignoring(rule(kinds=(Kind.FUNCTION,))))
    assert found.wanted == source
    (kept,) = found.kept
    assert kept.sentence == (
        "function public.f() is shown although a rule ignores it: column public.t.id is not to be had without."
    )
    assert [one.changes for one in found.hidden] == [0]
    assert agree(source, source, ignoring(rule(kinds=(Kind.FUNCTION,)))).kept == ()


def test_what_an_ignored_object_needs_stays() -> None:
    view = View(schema="public", name="tmp_v", definition="SELECT gone FROM t", columns=(column("gone"),))
    needs = Dependency(dependent=view.ref, on=ref(Kind.COLUMN, "gone", "t"))
    source = catalog(table("t", column("id")))
    target = catalog(table("t", column("id"), column("gone", 2)), views=(view,), dependencies=(needs,))
    found = agree(source, target, ignoring(rule(names=("tmp_*",))))
    assert found.wanted == target
    (kept,) = found.kept
    assert kept.sentence == (
        "column public.t.gone stays as the target has it, although no rule says so:"
        " view public.tmp_v is ignored and needs it."
    )
    assert found.hidden[0].changes == 2


def test_a_column_that_stays_keeps_its_place() -> None:
    view = View(schema="public", name="tmp_v", definition="SELECT gone FROM t", columns=(column("gone"),))
    needs = Dependency(dependent=view.ref, on=ref(Kind.COLUMN, "gone", "t"))
    source = catalog(table("t", column("id"), column("mail", 2), column("new", 3)))
    there = table("t", column("id"), column("mail", 2), column("gone", 3))
    target = catalog(there, views=(view,), dependencies=(needs,))
    found = agree(source, target, ignoring(rule(names=("tmp_*",))))
    assert [one.name for one in found.wanted.tables[0].columns] == ["id", "mail", "gone", "new"]


def test_a_type_that_must_change_for_a_shown_object() -> None:
    def side(*labels: str, default: str | None) -> Catalog:
        enum = EnumType(schema="public", name="e", labels=labels)
        needs = Dependency(dependent=ref(Kind.COLUMN, "c", "t"), on=enum.ref)
        one = table("t", column("c", type="public.e", default=default))
        return catalog(one, enums=(enum,), dependencies=(needs,))

    source, target = side("a", "b", default="'b'::public.e"), side("a", default=None)
    found = agree(source, target, ignoring(rule(kinds=(Kind.ENUM,))))
    assert found.wanted == source
    assert [kept.ref.kind for kept in found.kept] == [Kind.ENUM]
