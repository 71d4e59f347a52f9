"""The page of an option's plan: its statements in order, what each can harm, whether it can be run."""

from dataclasses import dataclass

import sqlparse

from schemadiff.core.options.measures import ddl
from schemadiff.core.options.option import Option, OptionName
from schemadiff.core.plan import Hazard, Lock, Mode, Plan, Section, Statement
from schemadiff.core.waiting import NO_LIMIT, Duration
from schemadiff.models import Comparison, Decision
from schemadiff.pages.hazards import explained_at

SHOWN = 150
"""How many statements of a section are shown before one asks for all of them."""

ONE_LINE = 130
"""Up to how many characters a statement stays in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """`href` leads to what explains it."""

    tone: str
    glyph: str
    word: str
    title: str
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """`number` counts through the whole plan, from 1."""

    number: int
    kind: str
    label: str
    sql: str
    chips: tuple[Chip, ...]
    limits: str
    hazards: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPart:
    key: str
    title: str
    explanation: str
    count: int
    statements: tuple[StatementLine, ...]

    @property
    def left_out(self) -> int:
        return self.count - len(self.statements)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A table whose rows are copied. `source` and `target` may be the same name."""

    source: str
    target: str
    columns: int
    expressions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Whether the target still has the schema that the plan was made for, as found just now."""

    tone: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A way to take: plain or online."""

    word: str
    title: str
    chosen: bool


_MODES = {
    Mode.PLAIN: "One statement a change, in as few transactions as possible.",
    Mode.ONLINE: "Readers and writers go on where there is a way: more statements, each committed by itself.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    section: str = "comparisons"
    comparison: Comparison
    option: str
    verdict_tone: str
    verdict: str
    counts: tuple[Chip, ...]
    before: tuple[SectionPart, ...]
    carried: tuple[Carried, ...]
    after: tuple[SectionPart, ...]
    notices: tuple[tuple[str, str], ...]
    blockers: tuple[str, ...]
    fingerprint: str
    digest: str
    moved: Moved | None
    may_start: bool
    decided: bool
    mode: str
    modes: tuple[Choice, ...]


def plan_page(
    comparison: Comparison,
    option: Option,
    *,
    decision: Decision | None,
    moved: Moved | None,
    whole: bool,
) -> PlanPage:
    """No query. With `whole` every statement is there, else the first of each section."""
    plan = option.plan
    decided = (
        decision is not None
        and decision.comparison_id == comparison.pk
        and decision.option == option.name.value
    )
    tone, verdict = _verdict(option, decision, decided)
    return PlanPage(
        comparison=comparison,
        option=option.name.value,
        verdict_tone=tone,
        verdict=verdict,
        counts=_counts(plan),
        before=_parts(plan, (Section.PARK, Section.PRE_DATA), whole),
        carried=_carried(option),
        after=_parts(plan, (Section.POST_DATA,), whole),
        notices=tuple((notice.ref.label, notice.message) for notice in plan.notices),
        blockers=option.blockers,
        fingerprint=plan.target_fingerprint,
        digest=plan.digest,
        moved=moved,
        may_start=decided and not option.blockers,
        decided=decided,
        mode=plan.mode.value,
        modes=tuple(Choice(word=mode.value, title=_MODES[mode], chosen=mode is plan.mode) for mode in Mode),
    )


def moved_since(plan: Plan, found: str, target: str) -> Moved:
    """What to say about the target's fingerprint as it is now."""
    if found == plan.target_fingerprint:
        return Moved(tone="ok", text=f"{target} still has the schema that this plan was made for.")
    return Moved(
        tone="bad",
        text=f"{target} has changed since: its schema is now {found[:12]}. A run would be refused. Compare "
        "again to get a plan for the schema as it is.",
    )


def _verdict(option: Option, decision: Decision | None, decided: bool) -> tuple[str, str]:
    name = option.name.value.capitalize()
    if option.blockers:
        count = len(option.blockers)
        return (
            "warn",
            f"{name} cannot be run yet: {count} {'thing is' if count == 1 else 'things are'} in the way.",
        )
    if not option.plan.statements:
        changes = "changes nothing about the target's schema; its rows are copied as it is"
    else:
        changes = f"changes the target's schema with {len(ddl(option.plan)):,} statements"
    if decided:
        return "ok", f"{name} is decided. Its plan {changes}."
    if decision is None:
        return "info", f"This plan {changes}. It can be run once {option.name.value} is decided on."
    return (
        "info",
        f"This plan {changes}. The decision in force is {decision.option}, so it is not the one to run.",
    )


def _counts(plan: Plan) -> tuple[Chip, ...]:
    """One chip for each kind of hazard, and for what locks readers out, with how many statements have it."""
    found: dict[str, int] = {}
    for statement in plan.statements:
        for code in {hazard.code for hazard in statement.hazards}:
            found[code] = found.get(code, 0) + 1
    return tuple(
        Chip(
            tone=_tone(code),
            glyph="▲",
            word=f"{_word(code)} {found[code]}",
            title=f"{found[code]} statements",
            href=explained_at(code),
        )
        for code in sorted(found, key=lambda code: (code != "data-loss", code))
    )


_SECTIONS = {
    Section.PARK: (
        "Put aside",
        "Before anything else: what is in the way is parked, and nothing of it is lost.",
    ),
    Section.PRE_DATA: ("Before the rows", "Types, tables and columns, so that rows have a place."),
    Section.POST_DATA: (
        "After the rows",
        "Keys, indexes, triggers and views: built in one go once the rows are there, which is faster.",
    ),
}


def _carried(option: Option) -> tuple[Carried, ...]:
    return tuple(
        Carried(
            source=".".join(table.source),
            target=".".join(table.target),
            columns=len(pairs := table.accepted()),
            expressions=sum(pair.expression is not None for pair in pairs),
        )
        for table in option.mapping.restricted_to(option.scope.tables).tables
    )


def _parts(plan: Plan, sections: tuple[Section, ...], whole: bool) -> tuple[SectionPart, ...]:
    numbered = list(enumerate(plan.statements, start=1))
    parts = []
    for section in sections:
        title, explanation = _SECTIONS[section]
        own = [(number, statement) for number, statement in numbered if statement.section is section]
        if own:
            shown = own if whole else own[:SHOWN]
            parts.append(
                SectionPart(
                    key=section.value,
                    title=title,
                    explanation=explanation,
                    count=len(own),
                    statements=tuple(_line(number, statement) for number, statement in shown),
                )
            )
    return tuple(parts)


def _line(number: int, statement: Statement) -> StatementLine:
    return StatementLine(
        number=number,
        kind=statement.ref.kind.value,
        label=statement.ref.label,
        sql=formatted(statement.sql),
        chips=_chips(statement),
        limits=_limits(statement),
        hazards=tuple(f"{h.message[:1].upper()}{h.message[1:]}" for h in statement.hazards),
    )


def formatted(sql: str) -> str:
    """A statement laid out for reading. One that has lines of its own, or fits in one, keeps them."""
    sql = sql.strip()
    if "\n" not in sql and len(sql) > ONE_LINE:
        sql = sqlparse.format(sql, reindent=True, indent_width=2)
    return f"{sql};"


_LOCKS = {
    Lock.NONE: ("neutral", "", "no lock", "Nobody waits."),
    Lock.SHARE: ("warn", "▲", "share", "Writers of the table wait, readers go on."),
    Lock.SHARE_ROW_EXCLUSIVE: (
        "warn",
        "▲",
        "share row exclusive",
        "Writers of the table wait, readers go on.",
    ),
    Lock.SHARE_UPDATE_EXCLUSIVE: ("neutral", "", "share update exclusive", "Readers and writers go on."),
    Lock.ACCESS_EXCLUSIVE: ("warn", "▲", "access exclusive", "Readers and writers of the table wait."),
}


_DURATIONS = {
    Duration.INSTANT: ("neutral", "Only the catalog changes, however large the table is."),
    Duration.READS_ROWS: ("neutral", "The time grows with the table: its rows are read."),
    Duration.BUILDS_INDEX: ("neutral", "The time grows with the table: its rows are read and sorted."),
    Duration.RUNS_QUERY: ("neutral", "It takes as long as the materialized view’s query."),
    Duration.REWRITES_ROWS: ("warn", "The time grows with the table: every row is written again."),
    Duration.WAITS: ("neutral", "It waits until every transaction has ended that began before it."),
}


def _limits(statement: Statement) -> str:
    found = statement.timeouts
    takes = "takes as long as it needs" if found.statement == NO_LIMIT else f"may take {found.statement}"
    return f"waits {found.lock} for a lock, {takes}"


def _chips(statement: Statement) -> tuple[Chip, ...]:
    tone, glyph, word, title = _LOCKS[statement.lock]
    chips = [Chip(tone=tone, glyph=glyph, word=word, title=title), _duration(statement)]
    if not statement.in_transaction:
        chips.append(
            Chip(tone="neutral", glyph="", word="no transaction", title="Cannot run in a transaction block.")
        )
    for hazard in statement.hazards:
        chips.append(_hazard(hazard))
    return tuple(chips)


def _duration(statement: Statement) -> Chip:
    tone, title = _DURATIONS[statement.duration]
    return Chip(tone=tone, glyph="▲" if tone == "warn" else "", word=statement.duration.value, title=title)


def _hazard(hazard: Hazard) -> Chip:
    return Chip(
        tone=_tone(hazard.code),
        glyph="▲",
        word=_word(hazard.code),
        title=hazard.message,
        href=explained_at(hazard.code),
    )


def _tone(code: str) -> str:
    return "bad" if code == "data-loss" else "warn"


def _word(code: str) -> str:
    return code.replace("-", " ")


def name_of(option: str) -> OptionName | None:
    """The option of that name; None for another word."""
    return next((name for name in OptionName if name.value == option), None)


def mode_of(word: str) -> Mode:
    """Plain, unless it says online."""
    return Mode.ONLINE if word == Mode.ONLINE.value else Mode.PLAIN
