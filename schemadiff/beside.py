"""Work that a second process does meanwhile: the interpreter itself uses one core only."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def worked_out_beside(work: Callable[[], str]) -> Iterator[Callable[[], str]]:
    """Yields what gives the result, waiting for it if need be. `work` must be without side effects.

    It is done in this process, when it is asked for, where there is nothing to be gained or no way to fork:
    a process with several threads cannot, safely.
    """
    if not hasattr(os, "fork") or threading.active_count() > 1 or os.cpu_count() == 1:
        yield work
        return
    reader, child = _start(work)
    with os.fdopen(reader, "rb") as pipe:
        try:
            yield lambda: pipe.read().decode() or work()  # empty: it was ended, for want of memory say
        finally:
            os.kill(child, signal.SIGKILL)  # nobody waits any more for one that is not done yet
            os.waitpid(child, 0)


def _start(work: Callable[[], str]) -> tuple[int, int]:
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return reader, child
    os.close(reader)  # else nobody would be missed at the other end
    try:
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(work().encode())
    finally:  # whatever went wrong: the result is missed, and worked out again
        os._exit(0)
