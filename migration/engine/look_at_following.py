"""Whether a source could be followed, looked at without a run: nothing is written on either side."""

from migration.core.followable import Followable
from migration.core.spec import RunSpec
from migration.engine.failures import explained
from migration.engine.live_checks import comparable, followable
from migration.engine.sessions import open_source, open_target_to_read


def look_at_following(source_dsn: str, target_dsn: str, spec: RunSpec) -> Followable:
    """Raises RunFailed where a server cannot be reached or asked."""
    with (
        open_source(source_dsn) as source,
        open_target_to_read(target_dsn) as target,
        explained("It could not be looked at what following needs", "Look again"),
        source.transaction(),
    ):
        return (comparable if spec.compares else followable)(source, target, spec)
