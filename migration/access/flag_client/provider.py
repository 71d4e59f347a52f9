"""The flag client as a provider for the OpenFeature SDK."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEventDetails
from openfeature.exception import (
    ErrorCode,
    FlagNotFoundError,
    ProviderNotReadyError,
    TypeMismatchError,
)
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType, Reason
from openfeature.provider import AbstractProvider, Metadata

from migration.access.flag_client.answers import Answer
from migration.access.flag_client.client import FlagClient
from migration.access.flag_client.errors import FlagsUnavailable
from migration.access.flag_client.events import Changed, Failed, FlagEvent, Ready, Stale

V = TypeVar("V", bool, str, int, float)

_REASONS = {reason.value: reason for reason in Reason}
_ERRORS = {code.value: code for code in ErrorCode}
_METADATA = Metadata(name="schemadiff")


class FlagProvider(AbstractProvider):
    """Answers from a flag client's memory. Setting it starts the client, shutting it down closes it.

    An evaluation's `module` in the context is honoured for `backend`; without one the client's own module is.
    """

    def __init__(self, client: FlagClient) -> None:
        super().__init__()
        self._client = client
        self._told_by_sdk = False  # the SDK itself tells the first READY or ERROR
        client.subscribe(self._pass_on)

    def get_metadata(self) -> Metadata:
        return _METADATA

    def initialize(self, evaluation_context: EvaluationContext) -> None:
        try:
            self._client.start()
        except FlagsUnavailable as exc:
            raise ProviderNotReadyError(str(exc)) from exc
        finally:
            self._told_by_sdk = True

    def shutdown(self) -> None:
        self._client.close()

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        return self._resolved(flag_key, bool, evaluation_context)

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        return self._resolved(flag_key, str, evaluation_context)

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        return self._resolved(flag_key, int, evaluation_context)

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        return self._resolved(flag_key, float, evaluation_context)

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Sequence[FlagValueType] | Mapping[str, FlagValueType],
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Sequence[FlagValueType] | Mapping[str, FlagValueType]]:
        answer = self._answer(flag_key, evaluation_context)
        raise TypeMismatchError(_mismatch(answer, "an object"))

    def _resolved(
        self, key: str, kind: type[V], context: EvaluationContext | None
    ) -> FlagResolutionDetails[V]:
        answer = self._answer(key, context)
        value = answer.value
        if type(value) is not kind:  # True is an int to isinstance
            raise TypeMismatchError(_mismatch(answer, kind.__name__))
        return FlagResolutionDetails(
            value=value,
            reason=_reason(answer, key) if self._client.is_fresh else Reason.STALE,
            variant=answer.variant,
            flag_metadata=answer.metadata,
        )

    def _answer(self, key: str, context: EvaluationContext | None) -> Answer:
        module = context.attributes.get("module") if context is not None else None
        try:
            answer = self._client.answer(key, module if isinstance(module, str) else "")
        except FlagsUnavailable as exc:
            raise ProviderNotReadyError(str(exc)) from exc
        if answer is None:
            raise FlagNotFoundError(f"There is no flag {key!r}.")
        if answer.error:
            raise ErrorCode.to_exception(_ERRORS.get(answer.error, ErrorCode.GENERAL), answer.details)
        return answer

    def _pass_on(self, event: FlagEvent) -> None:
        if not self._told_by_sdk:
            return
        match event:
            case Ready():
                self.emit_provider_ready(ProviderEventDetails(metadata={"revision": event.revision}))
            case Changed():
                self.emit_provider_configuration_changed(
                    ProviderEventDetails(
                        flags_changed=list(event.keys), metadata={"revision": event.revision}
                    )
                )
            case Stale():
                self.emit_provider_stale(ProviderEventDetails(message=event.reason))
            case Failed():
                self.emit_provider_error(
                    ProviderEventDetails(message=event.reason, error_code=ErrorCode.GENERAL)
                )


def _reason(answer: Answer, key: str) -> Reason:
    """The module of the context decided where another flag's answer is given."""
    if answer.key != key:
        return Reason.TARGETING_MATCH
    return _REASONS.get(answer.reason, Reason.UNKNOWN)


def _mismatch(answer: Answer, wanted: str) -> str:
    return f"The flag {answer.key!r} is of the type {type(answer.value).__name__}, not {wanted}."
