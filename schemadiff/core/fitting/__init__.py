"""Whether a source column's values fit the target column that they are mapped to: what to count, what it says."""

from schemadiff.core.fitting.findings import Finding, findings
from schemadiff.core.fitting.question import Kind, Question
from schemadiff.core.fitting.questions import questions
from schemadiff.core.fitting.words import allowed_words

__all__ = ["Finding", "Kind", "Question", "allowed_words", "findings", "questions"]
