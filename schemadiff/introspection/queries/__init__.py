"""The catalog queries, one file per family of objects."""

from functools import cache
from importlib.resources import files


@cache
def load(name: str) -> str:
    """The text of `<name>.sql`."""
    return files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
