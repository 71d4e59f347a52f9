"""What a run refuses or cannot do."""

from schemadiff.core.errors import Refused, SchemadiffError


class RunFailed(SchemadiffError):
    """The run stopped and can be resumed."""


class Overtaken(RunFailed):
    """The other side leads: nothing is taken from this one any more."""


class RunStopped(SchemadiffError):
    """The run was asked to stop."""


class LeaseLost(SchemadiffError):
    """Another worker has taken this run over."""


class SameDatabase(Refused):
    """Source and target are the same database."""


class StillInUse(Refused):
    """Flags say that applications use the target."""


class FlagRefused(Refused):
    """This combination of flags makes no sense."""


class Overridable(FlagRefused):
    """Refused unless somebody says why it is to be done all the same."""


class RevisionConflict(Refused):
    """Somebody else changed the flags meanwhile."""
