"""Serves `plotly/plotly.min.js` out of the installed wheel."""

import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage

_FILE = "plotly.min.js"
_PREFIX = "plotly"


class PlotlyFinder(BaseFinder):
    """Finds that one file; the wheel's others are no static files of ours."""

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path != f"{_PREFIX}/{_FILE}":
            return []
        found = str(_folder() / _FILE)
        return [found] if find_all or kwargs.get("all") else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        storage = FileSystemStorage(location=_folder())
        storage.prefix = _PREFIX  # type: ignore[attr-defined]  # read by collectstatic and WhiteNoise
        yield _FILE, storage


def _folder() -> Path:
    spec = importlib.util.find_spec("plotly")
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "package_data"
