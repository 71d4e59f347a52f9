"""Queries rewritten for the target's names, as far as a mapping says what became of each column."""

from schemadiff.evidence.rewriting.names import Names
from schemadiff.evidence.rewriting.rewrite import Rewrite, rewritten, tables_of

__all__ = ["Names", "Rewrite", "rewritten", "tables_of"]
