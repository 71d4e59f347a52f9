"""What the flag client cannot do."""

from schemadiff.core.errors import SchemadiffError


class FlagsUnavailable(SchemadiffError):
    """The flags cannot be had, or not from there."""
