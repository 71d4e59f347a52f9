"""The last known good flags on disk, for a start while the server is down."""

import contextlib
import json
import logging
import os
import secrets
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

from migration.access.flag_client.answers import Held, read_answer
from migration.access.flag_client.errors import FlagsUnavailable

logger = logging.getLogger(__name__)

_FORMAT = 1
_LONGEST = 1024 * 1024
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class KeptFile:
    """One file for one address, application and module; processes may share it.

    It can be unreadable, broken or of another application: then it is named in the log and ignored, as is a disk that
    takes no more. It holds no token.
    """

    def __init__(self, path: Path, *, owner: tuple[str, str, str]) -> None:
        self._path = path
        self._owner = list(owner)
        self._complained = False

    def load(self) -> Held | None:
        """What it says. The permission to write is not among it: that only the server gives."""
        try:
            return self._read()
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError, FlagsUnavailable) as exc:
            logger.warning(
                "The file of last known good flags %s is ignored: %s. The flags come from the server.",
                self._path,
                (isinstance(exc, OSError) and exc.strerror) or str(exc).rstrip("."),
            )
            return None

    def save(self, held: Held) -> None:
        """Replace it as a whole, 0600 from its first moment."""
        text = json.dumps(
            {
                "format": _FORMAT,
                "owner": self._owner,
                "revision": held.revision,
                "at": held.at.isoformat(timespec="seconds"),
                "answer": held.document,
            }
        )
        try:
            _replace(self._path, text)
            self._complained = False
        except OSError as exc:
            self._complain(exc)

    def _read(self) -> Held:
        descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe must not hold us up
        try:
            _check_trust(os.fstat(descriptor))
            with open(descriptor, "rb", closefd=False) as handle:
                return self._checked(json.loads(handle.read(_LONGEST)))
        finally:
            os.close(descriptor)

    def _checked(self, document: Any) -> Held:
        if not isinstance(document, dict) or document.get("format") != _FORMAT:
            raise FlagsUnavailable(f"it is not of format {_FORMAT}")
        if document.get("owner") != self._owner:
            raise FlagsUnavailable("it was kept for another address, application or module")
        held = read_answer(document.get("answer"), at=_moment(document.get("at")))
        if document.get("revision") != held.revision:
            raise FlagsUnavailable("its revision is not that of the flags in it")
        return held

    def _complain(self, exc: OSError) -> None:
        """Once, until it works again."""
        if not self._complained:
            logger.warning(
                "The last known good flags cannot be kept in %s: %s. A start while the server is down will lack them.",
                self._path,
                exc.strerror or exc,
            )
        self._complained = True


def _check_trust(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode) or found.st_size > _LONGEST:
        raise FlagsUnavailable("it is no file of flags")
    if found.st_mode & _OTHERS_WRITE:
        raise FlagsUnavailable("others than its owner may write it (chmod go-w makes it trusted)")


def _moment(text: object) -> datetime:
    if not isinstance(text, str):
        raise FlagsUnavailable("it does not say from when it is")
    return datetime.fromisoformat(text)


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
