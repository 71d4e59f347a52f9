"""Log lines without passwords."""

import logging

from schemadiff.secrets import redact


class RedactingFormatter(logging.Formatter):
    """Formats as usual, tracebacks included, and takes the passwords out."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))
