"""The engine's catalog queries: one `.sql` file each."""

from functools import cache
from importlib.resources import files
from typing import LiteralString


@cache
def query(name: str) -> LiteralString:
    """The text of `name`.sql."""
    return (files(__name__) / f"{name}.sql").read_text(encoding="utf-8")
