"""What the process environment says, and the secrets that are made once where it says nothing."""

import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key

from schemadiff.private_files import write_private

BASE_DIR = Path(__file__).resolve().parent.parent


def data_dir() -> Path:
    """Where the application keeps what it makes itself."""
    return Path(os.environ.get("SCHEMADIFF_DATA") or BASE_DIR / ".data").expanduser().resolve()


def backups_dir() -> Path | None:
    """Where runs that are started in the browser put their backups; None: into the data directory."""
    named = os.environ.get("SCHEMADIFF_BACKUPS")
    return Path(named).expanduser().resolve() if named else None


def text(name: str) -> str:
    """What the environment says, or nothing."""
    return os.environ.get(name, "").strip()


def words(name: str) -> list[str]:
    """A comma-separated list of the environment."""
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


def is_set(name: str) -> bool:
    """A switch of the environment: on unless empty, `0`, `no` or `false`."""
    return os.environ.get(name, "").strip().lower() not in ("", "0", "no", "false")


def django_secret_key() -> str:
    """Django's signing key, from the environment, else made once and kept."""
    return os.environ.get("SCHEMADIFF_SECRET_KEY") or kept_once("django.key", get_random_secret_key())


def kept_once(name: str, fresh: str) -> str:
    """The content of a private file of the data directory, which gets `fresh` if there is none yet."""
    path = data_dir() / name
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, fresh)
    return path.read_text().strip()
