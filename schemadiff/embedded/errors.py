"""What an embedded server says when it cannot do something."""

from schemadiff.core.errors import SchemadiffError


class EmbeddedError(SchemadiffError):
    """The embedded PostgreSQL server could not be used."""
