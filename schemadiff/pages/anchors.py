"""The name of a row on the diff page: what `#…` and `?attribute=` say to get there."""

import re

from schemadiff.core.objects import ObjectRef


def anchor_of(ref: ObjectRef) -> str:
    """`column-phone`, `index-clients_mail_idx`."""
    return f"{as_anchor(ref.kind.value)}-{as_anchor(ref.name)}"


def as_anchor(text: str) -> str:
    """An id holds no space."""
    return re.sub(r"\s+", "-", text)
