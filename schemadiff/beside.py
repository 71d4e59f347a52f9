"""Work that a second process does meanwhile: the interpreter itself uses one core only."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


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
            pipe.close()  # a child that is not done yet ends with the attempt to write
            with suppress(ChildProcessError):
                os.waitpid(child, 0)


def _start(work: Callable[[], str]) -> tuple[int, int]:
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return reader, child
    try:
        os.write(writer, work().encode())
    finally:
        os._exit(0)
