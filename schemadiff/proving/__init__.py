"""Proving a plan: replayed on a scratch copy of the target's schema. No Django."""

from schemadiff.proving.prove import Task, prove

__all__ = ["Task", "prove"]
