"""Proving a plan: replayed on a scratch copy of the target's schema. No Django."""

from schemadiff.proving.prove import Reached, Task, prove

__all__ = ["Reached", "Task", "prove"]
