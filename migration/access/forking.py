"""What a process that forks, as web servers do, must not share with its children."""

import os
import weakref
from typing import Protocol


class Forkable(Protocol):
    """Has connections, threads or locks, of which a child has none: only who forked goes on with them."""

    def after_fork(self) -> None:
        """In the child, before anything else runs there: forget them, and touch nothing that is the parent's."""
        ...


def tell_of_forks(member: Forkable) -> None:
    """From now on, for as long as it lives."""
    _MEMBERS.add(member)


def _after_fork_in_child() -> None:
    for member in list(_MEMBERS):
        member.after_fork()


_MEMBERS: "weakref.WeakSet[Forkable]" = weakref.WeakSet()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
