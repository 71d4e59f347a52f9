"""What happened in the example, as values: stages, decisions, options as judged, lessons, targets.

November 2025. A WhatsApp booking bot on Node.js, about 35 files of which reach the database through one data
layer of 977 lines and 21 methods, was to move from Supabase, a managed PostgreSQL, to a PostgreSQL server at
Timeweb in the same datacentre.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

TITLE = "Booking bot: Supabase to Timeweb"
APPLICATION = "crm"
ENVIRONMENT = "production"


class StageState(Enum):
    """Where a stage stood when the migration was stopped."""

    DONE = "done"
    DEFERRED = "deferred"
    BLOCKED = "blocked"
    PENDING = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryStage:
    """A stage of the plan: what was planned, what it took, what came out."""

    key: str
    name: str
    state: StageState
    finished: date | None = None
    planned: str = ""
    actual: str = ""
    result: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryOption:
    """One of the three ways out as the team judged it, before anything was measured."""

    key: str
    approach: str
    time: str
    risk: str
    advantages: tuple[str, ...]
    drawbacks: tuple[str, ...]
    steps: tuple[str, ...] = ()
    recommended: bool = False
    hours: tuple[float, float] = (0, 0)  # of work, as `time` says it


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One line of the team's comparison of the two schemas. `given`: 0 to 10 for each option, where it is judged;
    the team did not judge hybrid line by line, so it has what lies between."""

    name: str
    source: str
    target: str
    given: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryDecision:
    """A choice, and what was rejected for which reason."""

    question: str
    chosen: str
    rejected: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """Something that could go wrong, and how bad that was held to be (low, medium, high)."""

    level: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A figure to keep to while and after migrating; `unit` says of what."""

    metric: str
    limit: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedAttempt:
    """The migration that stopped the project."""

    on: date
    tables: int
    rows: int
    errors: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagDefault:
    """A flag and its value at the start."""

    name: str
    value: bool


STAGES = (
    StoryStage(
        key="0",
        name="WhatsApp session state moved",
        state=StageState.DONE,
        finished=date(2025, 11, 6),
        planned="2 h",
        actual="2.5 h",
        result="1 auth row and 728 keys, stable since; TLS set-up took time, the pool was adjusted once,"
        " rolled back once on purpose to test it",
    ),
    StoryStage(
        key="0.8",
        name="Schema created on the target",
        state=StageState.DONE,
        finished=date(2025, 11, 9),
        planned="1 day",
        actual="8 h with review, 8 min to execute",
        result="19 tables, 129 indexes, 8 functions; index definitions reviewed by hand, one function's"
        " syntax differed",
    ),
    StoryStage(
        key="1",
        name="Repository pattern",
        state=StageState.DONE,
        finished=date(2025, 11, 10),
        planned="2–3 days",
        actual="3 h",
        result="15 files, 1,614 lines, 21 methods, 60+ unit and 15+ integration tests",
    ),
    StoryStage(
        key="2",
        name="Code integration behind flags",
        state=StageState.DONE,
        finished=date(2025, 11, 10),
        planned="5–7 days",
        actual="2 h",
        result="2 files, 245 lines, 21 methods with a dual-backend check, off by default",
    ),
    StoryStage(
        key="3a",
        name="Backward-compatibility tests, deployed disabled",
        state=StageState.DONE,
        finished=date(2025, 11, 10),
        planned="5–7 days for all of 3",
        actual="3 h",
        result="25 tests, 618 lines, no downtime; the target held no data, and the error"
        ' column "yclients_id" does not exist was read as "no data"',
    ),
    StoryStage(
        key="3b",
        name="Comparison with data, benchmarks, load",
        state=StageState.DEFERRED,
        result="deferred until 4; it would have caught the disagreement",
    ),
    StoryStage(
        key="4",
        name="Data migration",
        state=StageState.BLOCKED,
        finished=date(2025, 11, 11),
        result="7 tables tried, 0 rows, 7 errors: the schemas are incompatible",
    ),
    StoryStage(key="5", name="Production cut-over", state=StageState.PENDING),
)

FAILURE = FailedAttempt(on=date(2025, 11, 11), tables=7, rows=0, errors=7, seconds=6.88)

SITUATION = (
    "No user noticed anything: business data is still on the source, and the code of stages 1 to 3a is"
    " deployed, switched off. The WhatsApp sessions are on the target already. Estimated at three weeks in"
    " all, blocked on day 10; 34 of 73 tasks were done after stage 2."
)

CAUSE = (
    "The target's schema was designed for a marketplace application: normalised, minimal, 15–20 columns a"
    " table, settings as jsonb, marketplace fields. The application is a bot: denormalised for speed, 30–40"
    " and more columns, analytics built in, seven AI fields, the whole API dump in raw_data; 2,500 lines were"
    " written against the source's schema. The deferred tests would have caught it: no data hid a wrong"
    " schema, and “schema matches” stood in the status all along, unverified."
)

OPTIONS = (
    StoryOption(
        key="recreate",
        approach="drop the target's business tables, recreate them as the source has them",
        time="2–3 hours",
        hours=(2, 3),
        risk="low (direct copy)",
        advantages=("2,500 lines unchanged", "simple", "schema proven for 6+ months", "fast"),
        drawbacks=("loses the design of stage 0.8", "keeps the legacy", "no normalisation"),
        steps=(
            "export the schema",
            "back up the protected tables",
            "drop the business tables",
            "import the schema",
            "restore the protected tables",
            "migrate",
            "verify 1,490 rows",
        ),
        recommended=True,
    ),
    StoryOption(
        key="transform",
        approach="transform rows on the way to the new schema",
        time="1–2 weeks",
        hours=(40, 80),
        risk="high (transformation bugs, data loss)",
        advantages=("cleaner architecture", "marketplace-ready", "scales better later"),
        drawbacks=(
            "everything of stages 1–3 rewritten",
            "100+ fields to map",
            "bugs",
            "loses analytics (visit_history, AI fields)",
        ),
        steps=(
            "document the differences",
            "write the transformation",
            "rewrite repositories, data layer and tests",
            "test",
            "migrate",
            "verify",
        ),
    ),
    StoryOption(
        key="hybrid",
        approach="keep the new schema, add the missing columns",
        time="3–5 days",
        hours=(24, 40),
        risk="medium",
        advantages=("a compromise", "some improvement", "code mostly compatible"),
        drawbacks=(
            "bloat: old and new columns",
            "confusing names: company_id and yclients_company_id",
            "still needs some transformation",
        ),
    ),
)

REASONS = (
    "Fastest",
    "Preserves all work",
    "Optimised for the bot",
    "Can be refactored later, normalising gradually",
)
TRADE_OFF = "Bot performance over architectural purity."

CRITERIA = (
    Criterion(
        name="Bot performance",
        source="yes",
        target="no (joins)",
        given={"recreate": 10, "transform": 0, "hybrid": 5},
    ),
    Criterion(
        name="AI integration",
        source="rich",
        target="missing",
        given={"recreate": 10, "transform": 0, "hybrid": 10},
    ),
    Criterion(
        name="Analytics",
        source="built in",
        target="computed",
        given={"recreate": 10, "transform": 3, "hybrid": 10},
    ),
    Criterion(
        name="Marketplace-ready",
        source="no",
        target="yes",
        given={"recreate": 0, "transform": 10, "hybrid": 8},
    ),
    Criterion(name="Code compatibility", source="100 %", target="0 %"),
    Criterion(name="Migration effort", source="2 h", target="1–2 weeks"),
)
SCORES = "6/8 against 3/8"

DECISIONS = (
    StoryDecision(
        question="Abstraction",
        chosen="a light repository wrapper, 200–500 lines",
        rejected=(
            ("none", "SQL scattered over 21 methods, no pool, no transactions, no gradual switch"),
            ("heavy ORM", "10,000+ lines, models for all tables, overhead, more than CRUD needs"),
        ),
    ),
    StoryDecision(
        question="How to switch",
        chosen="module by module behind flags",
        rejected=(
            ("big bang", "all at risk, rollback is an emergency"),
            ("canary", "needs routing, all modules at once"),
        ),
    ),
    StoryDecision(
        question="Dual-write",
        chosen="flags only; passive dual-write optional for a 48-hour validation, discrepancies logged,"
        " operations never failed",
        rejected=(("required dual-write", "conflicts, twice the write latency, half-failures"),),
    ),
    StoryDecision(
        question="The source afterwards",
        chosen="kept indefinitely as backup, comparison and last way back (free tier: 500 MB, 15 MB used);"
        " after 30 days disable, after 90 export, then delete or never",
        rejected=(("deleted at once, after 7 or after 30 days", "it is the last way back"),),
    ),
    StoryDecision(
        question="Both-flag check",
        chosen="use the target only if the flag is on and the repository came up",
        rejected=(("flag alone", "an outage of the pool would be an outage of the bot"),),
    ),
    StoryDecision(
        question="Comparison tests",
        chosen="run the suite twice with different environments",
        rejected=(("switching backends within one run", "modules are cached"),),
    ),
)

LESSONS = (
    "Compare schemas right after creating them.",
    "Test with sample data at once.",
    "Write down why each column is there.",
    "One schema does not fit all products.",
    "Do not assume that new is better.",
    "Do not run generated DDL unread.",
    "Indexes matter.",
    "Test functions apart.",
    "Monitor early: a pool spike was caught within an hour, a missing index before it hurt.",
    "Always have a quick way back, and rehearse it.",
    "Conservative estimates were accurate.",
    "Document as you go.",
)

RISKS = (
    Risk(level="low", name="Repository code", reason="small and tested"),
    Risk(level="low", name="Data volume", reason="about 1,600 rows, 15 MB"),
    Risk(level="low", name="Server stability", reason="the sessions have been stable there"),
    Risk(level="medium", name="Query translation", reason="21 methods, NULL and empty edge cases"),
    Risk(level="medium", name="Performance regression", reason="a missing index"),
    Risk(level="medium", name="Pool exhaustion", reason="a pool of 20 for 35 files"),
    Risk(level="high", name="Inconsistent data", reason="bugs, writes during the export"),
    Risk(level="high", name="Server outage", reason="fallback by flag"),
    Risk(level="high", name="Schema drift", reason="lock it, record changes"),
)

CONSTRAINTS = (
    "No row-level security, realtime, auth, storage or edge functions in use.",
    "Single-statement queries with simple filters, ordering and pagination; both servers in UTC.",
    "Four foreign keys set the order: companies, clients, bookings.",
    "At most 500 rows a batch and 1,000 a read; company id and phone are validated.",
    "The pool of 20 connections is shared with the WhatsApp sessions.",
)

TARGETS = (
    Target(metric="query average", limit=10, unit="ms"),
    Target(metric="query p95", limit=20, unit="ms"),
    Target(metric="query p99", limit=50, unit="ms"),
    Target(metric="slow query", limit=100, unit="ms"),
    Target(metric="pool utilisation", limit=80, unit="%"),
    Target(metric="errors", limit=0.1, unit="%"),
    Target(metric="row count difference", limit=1, unit="rows"),
)

FLAGS = (
    FlagDefault(name="USE_REPOSITORY_PATTERN", value=False),
    FlagDefault(name="USE_LEGACY_SUPABASE", value=True),
    FlagDefault(name="ENABLE_DUAL_WRITE", value=False),
    FlagDefault(name="LOG_DATABASE_CALLS", value=False),
)
MODULES = ("dataLoader", "syncScripts", "services")
