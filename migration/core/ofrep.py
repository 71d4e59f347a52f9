"""OFREP 0.3.0 (OpenFeature Remote Evaluation Protocol): what is asked, and what is answered, without HTTP."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from migration.core.flags import BACKEND, MODULE_PREFIX, CutOver, Flags, FlagValue, backend_of, value_of
from schemadiff.core.errors import Refused

MAX_BODY = 64 * 1024
MAX_NAME = 200
_MAX_WORD = 60
PREPARED_POLL = 100  # milliseconds between two questions of a client while a cut-over is prepared
_REVISION = re.compile(r"r?(\d{1,9})", re.ASCII)


class ErrorCode(StrEnum):
    """The protocol's words for what was wrong."""

    PARSE_ERROR = "PARSE_ERROR"
    INVALID_CONTEXT = "INVALID_CONTEXT"
    FLAG_NOT_FOUND = "FLAG_NOT_FOUND"


class BadRequest(Refused):
    """The evaluation request cannot be understood."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request's context: who asks (may be empty), for which module, holding which revision, of which version, and how
    far its writes have come to rest."""

    client: str = ""
    module: str = ""
    revision: int | None = None
    version: str = ""
    writes_in_flight: int = 0
    holding: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a client has to know beside the flags' values."""

    revision: int
    poll_milliseconds: int  # when to ask again
    lease_seconds: int  # who has not been answered for longer may not write
    hold_writes: bool = False  # new writes wait: a cut-over is prepared
    cut_over: CutOver = CutOver.BEFORE

    def metadata(self) -> dict[str, FlagValue | int]:
        """As the bulk answer carries it."""
        return {
            "revision": self.revision,
            "poll_milliseconds": self.poll_milliseconds,
            "lease_seconds": self.lease_seconds,
            "hold_writes": self.hold_writes,
            "cut_over": self.cut_over.value,
        }


def read_request(body: bytes) -> Asked:
    """What a body says. An empty context and a missing targeting key are fine; BadRequest for the rest."""
    if len(body) > MAX_BODY:
        raise BadRequest(ErrorCode.PARSE_ERROR, f"The body is over {MAX_BODY // 1024} KB.")
    context = _object(_decoded(body)).get("context", {})
    if not isinstance(context, dict):
        raise BadRequest(ErrorCode.INVALID_CONTEXT, 'The context is an object, as in {"context": {}}.')
    return Asked(
        client=_word(context, "targetingKey", MAX_NAME),
        module=_word(context, "module", _MAX_WORD),
        revision=read_revision(context.get("revision")),
        version=_word(context, "clientVersion", _MAX_WORD),
        writes_in_flight=_count(context.get("writesInFlight")),
        holding=context.get("holding") is True,
    )


def _decoded(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise BadRequest(ErrorCode.PARSE_ERROR, "The body is not JSON.") from exc


def _object(data: object) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise BadRequest(ErrorCode.PARSE_ERROR, 'The body is an object, as in {"context": {}}.')
    return data


def _word(context: dict[str, Any], key: str, longest: int) -> str:
    """A text of the context, without what PostgreSQL cannot keep (NUL, lone surrogates)."""
    value = context.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRequest(ErrorCode.INVALID_CONTEXT, f"{key} in the context is a string.")
    return value.encode("utf-8", "replace").decode().replace("\0", "")[:longest]


def read_revision(value: object) -> int | None:
    """The revision that a client says it holds: 42, "42" or "r42". Anything else is no revision."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value) if abs(value) < 1e9 else None
    if isinstance(value, int):
        return value if 0 < value < 10**9 else None
    found = _REVISION.fullmatch(value.strip()) if isinstance(value, str) else None
    return int(found[1]) if found else None


def _count(value: object) -> int:
    """How many a client says; what is no such number is none."""
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return value if 0 < value < 10**9 else 0


def evaluate(flags: Flags, key: str, module: str, *, revision: int) -> dict[str, Any]:
    """The success answer for a key that exists."""
    value = value_of(flags, key, module)
    metadata: dict[str, FlagValue | int] = {"revision": revision}
    if key == BACKEND or key.startswith(MODULE_PREFIX):
        choice = backend_of(flags, module if key == BACKEND else key.removeprefix(MODULE_PREFIX))
        metadata |= {"effective": choice.backend.value, "why": choice.reason}
    return {
        "key": key,
        "value": value,
        "variant": _variant(value),
        "reason": _reason(flags, key, module),
        "metadata": metadata,
    }


def _variant(value: FlagValue) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return value


def _reason(flags: Flags, key: str, module: str) -> str:
    """TARGETING_MATCH where the context's module decided, STATIC otherwise."""
    decided = key == BACKEND and flags.override(module) is not None
    return "TARGETING_MATCH" if decided else "STATIC"


def evaluate_all(flags: Flags, keys: Sequence[str], module: str, *, standing: Standing) -> dict[str, Any]:
    """The bulk answer: these flags, which are all of the application."""
    return {
        "flags": [evaluate(flags, key, module, revision=standing.revision) for key in keys],
        "metadata": standing.metadata(),
    }
