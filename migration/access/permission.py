"""Permission for one write, which may be handed on to whoever makes the write once more."""

from contextlib import AbstractContextManager
from types import TracebackType

from migration.access.switching import FlagState


class Permission:
    """A reader's context that has begun, and ends once: with this one, or when who has it now ends it."""

    __slots__ = ("_context", "state")

    def __init__(self, context: AbstractContextManager[FlagState]) -> None:
        self.state = context.__enter__()
        self._context: AbstractContextManager[FlagState] | None = context

    def __enter__(self) -> "Permission":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def handed_on(self) -> "Permission":
        """The same, which this one does not end any more."""
        other = Permission.__new__(Permission)
        other.state, other._context, self._context = self.state, self._context, None
        return other

    def end(self) -> None:
        context, self._context = self._context, None
        if context is not None:
            context.__exit__(None, None, None)
