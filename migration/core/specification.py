"""What exactly a run was created to do, named by a digest: a run is refused when it would do something else now."""

import hashlib
import json

from schemadiff.core.options.option import Option


def specification_digest(option: Option) -> str:
    """Changes when a statement, the scope, or what fills a column does; 64 hex digits."""
    content = [
        option.name.value,
        option.plan.digest,
        [list(table) for table in option.scope.tables],
        [list(table) for table in option.scope.protected],
        [
            [*table.source, *table.target, [[p.target, p.source, p.expression] for p in table.accepted()]]
            for table in option.mapping.tables
        ],
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
