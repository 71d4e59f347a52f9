"""What a column's values are below its domains, and the rules that these have of their own."""

from collections.abc import Iterable, Iterator

from schemadiff.core.catalog import Domain
from schemadiff.core.ddl.conversions import conversion
from schemadiff.core.ddl.references import sql_name
from schemadiff.core.row_checks.check import Trouble
from schemadiff.core.row_checks.conditions import check_expression_of, with_value
from schemadiff.core.row_checks.conversions import Doubt


class Domains:
    """Of one side. Types are written as format_type() does."""

    def __init__(self, domains: Iterable[Domain]) -> None:
        self._by_name = {sql_name(domain): domain for domain in domains}

    def below(self, type_: str) -> str:
        """The type itself where it is no domain, nor an array of one."""
        domain = self._by_name.get(type_.removesuffix("[]"))
        return self.below(domain.type) + "[]" * type_.endswith("[]") if domain else type_

    def rules(self, column: str, present: str, wanted: str, found: Iterable[Doubt]) -> Iterator[Doubt]:
        """About a (quoted) column whose values, of the type `present` below its domains, become the domain `wanted`'s.

        `found` says which of them do not become what is below it; of these nothing is said here.
        """
        failing = [doubt for doubt in found if doubt.trouble.fails]
        if any(doubt.condition == "false" for doubt in failing):
            return  # only trying all values at once tells
        since = max((doubt.since for doubt in failing), default=0)
        unfit = " OR ".join(f"({doubt.condition})" for doubt in failing) or "false"
        value = conversion(column, present, self.below(wanted))
        for trouble, rule in self._rules(wanted):
            condition = with_value(rule, value)
            if trouble is not Trouble.NULL:
                condition = f"CASE WHEN {unfit} THEN false ELSE {condition} END"
            yield Doubt(trouble=trouble, condition=condition, since=since)

    def _rules(self, type_: str) -> Iterator[tuple[Trouble, str]]:
        domain = self._by_name.get(type_)
        if domain is None:
            return
        if domain.not_null:
            yield Trouble.NULL, "VALUE IS NULL"
        for constraint in domain.constraints:
            yield Trouble.BREAKS_CHECK, f"NOT ({check_expression_of(constraint.definition)})"
        yield from self._rules(domain.type)
