"""What came of replaying a plan on a scratch copy of the target's schema: facts, and the sentence that sums them up."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

FORMAT = 1


class Outcome(Enum):
    """Whether the plan does what it is for."""

    PROVEN = "proven"  # it leads to the wanted schema, and nothing is left to do
    IN_PART = "proven in part"  # so it is for all that a scratch server can hold
    REFUSED = "refused"  # a statement failed
    NOT_THERE = "not there"  # it ran, and the schema is not the wanted one


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedStatement:
    """`number` counts through the plan, from 1."""

    number: int
    object: str
    sql: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """A table or materialized view whose file is another one afterwards, or was said to be."""

    relation: str
    predicted: bool
    seen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An object that the scratch server could not hold, and why; the plan was made without it."""

    object: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """`left` names the differences that stayed, `again` the statements that a plan of the rest has."""

    digest: str  # of the plan that was to be proven
    mode: str
    major: int  # of the scratch server
    target_version: int  # server_version_num of the target
    statements: int
    applied: int
    seconds: float
    refused: RefusedStatement | None = None
    left: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    told: tuple[str, ...] = ()  # differences that the plan itself says it leaves
    rewritten: tuple[Rewritten, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    roles: tuple[str, ...] = ()  # made without login, and gone with the server

    @property
    def outcome(self) -> Outcome:
        if self.refused is not None:
            return Outcome.REFUSED
        if self.left or self.again:
            return Outcome.NOT_THERE
        return Outcome.IN_PART if self.left_out else Outcome.PROVEN

    @property
    def holds(self) -> bool:
        return self.outcome in (Outcome.PROVEN, Outcome.IN_PART)

    @property
    def sentence(self) -> str:
        match self.outcome:
            case Outcome.REFUSED:
                assert self.refused is not None
                failed = self.refused
                return (
                    f"Not proven: statement {failed.number} of {self.statements}, about {failed.object}, failed on "
                    f"the scratch copy. {failed.message}"
                )
            case Outcome.NOT_THERE if self.left:
                more = f" and {len(self.left) - 1} more" if len(self.left) > 1 else ""
                return f"Not proven: all statements ran, and the schema still differs: {self.left[0]}{more}."
            case Outcome.NOT_THERE:
                return (
                    f"Not proven: nothing differs any more, and planned again there is still: {self.again[0]}"
                )
            case Outcome.IN_PART:
                return f"{self._success()}, but for {len(self.left_out)} that it cannot hold."
            case Outcome.PROVEN:
                return f"{self._success()}."

    @property
    def place(self) -> str:
        """Where it was replayed, and how that is another place than the target."""
        where = f"a scratch PostgreSQL {self.major}"
        real = self.target_version // 10000
        return f"{where}; the target itself is on {real}" if real and real != self.major else where

    def _success(self) -> str:
        count = f"{self.applied} statement{'' if self.applied == 1 else 's'}"
        but = f", but for {len(self.told)} that the plan says it leaves," if self.told else ""
        return f"Proven: after {count} on a copy of the target's schema nothing differs{but} and nothing is left to do"


def proof_lines(proof: Proof) -> Iterator[str]:
    """Everything there is to say, a line each; the sentence first."""
    yield proof.sentence
    yield f"Replayed on {proof.place}, in {proof.seconds:.1f} s."
    if proof.roles:
        yield f"Roles made there without login, and gone with it: {', '.join(proof.roles)}."
    if proof.refused is not None:
        yield f"Statement {proof.refused.number}: {' '.join(proof.refused.sql.split())}"
    yield from (f"Still different: {line}." for line in proof.left)
    yield from (f"Left, as the plan says: {line}." for line in proof.told)
    yield from (f"Still planned: {' '.join(sql.split())};" for sql in proof.again)
    yield from (f"Rewritten: {each.relation}{_surprise(each)}." for each in proof.rewritten)
    if proof.refused is None and not proof.rewritten:
        yield "No table was rewritten."
    yield from (f"Left out: {each.object}: {each.reason}" for each in proof.left_out)


def _surprise(each: Rewritten) -> str:
    if each.predicted and each.seen:
        return ", as the plan says"
    return ", which the plan does not say" if each.seen else " says the plan, and it was not"


def proof_to_json(proof: Proof) -> dict[str, Any]:
    """With the outcome and the sentence, for those who only read it."""
    return {
        "format": FORMAT,
        "outcome": proof.outcome.value,
        "sentence": proof.sentence,
        **asdict(proof),
    }


def proof_from_json(data: dict[str, Any]) -> Proof:
    """The inverse. Raises ValueError for another format."""
    if data.get("format") != FORMAT:
        raise ValueError(f"A proof of format {data.get('format')}, where {FORMAT} was expected.")
    plain = {key: value for key, value in data.items() if key not in ("format", "outcome", "sentence")}
    refused = plain.pop("refused")
    return Proof(
        **{
            **plain,
            "refused": RefusedStatement(**refused) if refused else None,
            "left": tuple(plain["left"]),
            "again": tuple(plain["again"]),
            "told": tuple(plain["told"]),
            "roles": tuple(plain["roles"]),
            "rewritten": tuple(Rewritten(**each) for each in plain["rewritten"]),
            "left_out": tuple(LeftOut(**each) for each in plain["left_out"]),
        }
    )
