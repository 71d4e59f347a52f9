"""Files that only we may read: keys and passwords."""

import contextlib
import os
import secrets
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Make a file, 0600 from its first moment, all of it or nothing; one that is there already stays."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text)
    with contextlib.suppress(FileExistsError):  # made by another process at the same moment
        os.link(draft, path)
    draft.unlink()
