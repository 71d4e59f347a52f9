"""The one base class of what Schemadiff refuses or cannot do, as sentences for people."""


class SchemadiffError(Exception):
    """Something could not be done."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class NotFound(SchemadiffError):
    """The thing named does not exist."""


class Refused(SchemadiffError):
    """The request is understood and not carried out, for a reason that the message gives."""


class TargetMoved(Refused):
    """The target's schema is no longer the one that the plan was made for."""


class DependencyCycle(SchemadiffError):
    """Statements depend on one another in a circle."""
