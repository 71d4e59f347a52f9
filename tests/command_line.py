"""A command line run in the tests' process, and how it ended."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pytest

from config import commandline


class Done(NamedTuple):
    code: int
    out: str
    error: str


Manage: TypeAlias = Callable[..., Done]


@contextmanager
def managing(captured: pytest.CaptureFixture[str]) -> Iterator[Manage]:
    """What runs `manage.py …` and returns what it said."""
    handler = signal.getsignal(signal.SIGTERM)

    def run(*arguments: str | Path) -> Done:
        code = commandline.main(["manage.py", *map(str, arguments)])
        return Done(code, *captured.readouterr())

    yield run
    signal.signal(signal.SIGTERM, handler)
