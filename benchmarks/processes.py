"""What processes have used, as /proc says it: CPU seconds of a server or a program, the largest resident set."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAUSE = 0.1  # seconds between two looks at memory


def cpu_of(*roots: int) -> float:
    """CPU seconds of these processes and all that descend from them, ended ones that were waited for too."""
    return sum(_ticks(pid) for root in roots for pid in _family(root)) / _TICK


def _family(root: int) -> Iterator[int]:
    yield root
    for child in _children_of(root):
        yield from _family(child)


def _children_of(pid: int) -> tuple[int, ...]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return tuple(int(child) for task in tasks for child in (task / "children").read_text().split())
    except OSError:
        return ()


def _ticks(pid: int) -> int:
    """Its own, and those of its children that have ended (proc(5): utime, stime, cutime, cstime)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15]))


class PeakMemory(threading.Thread):
    """The largest resident set, in megabytes, that any process below this one has had between enter and exit."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.megabytes = 0.0
        self._ended = threading.Event()

    def __enter__(self) -> "PeakMemory":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        while not self._ended.wait(_PAUSE):
            peaks = [_peak(pid) for child in _children_of(os.getpid()) for pid in _family(child)]
            self.megabytes = max([self.megabytes, *peaks])


def _peak(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(found[0]) / 1024 if found else 0.0
