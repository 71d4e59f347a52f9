"""Hosts for workers: network namespaces of the test's own, each with a cable to this machine that can be pulled."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

_NETWORK = f"10.{192 + os.getpid() // 256 % 64}.{os.getpid() % 256}"  # nobody else's, who tests here at the same time
HERE = f"{_NETWORK}.1"  # this machine, for all hosts; nothing listens there but the tests' own proxies


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    name: str
    cable: str

    @property
    def within(self) -> tuple[str, ...]:
        """What to put before a command, to run it there."""
        return ("ip", "netns", "exec", self.name)

    def pull(self) -> None:
        """Packets vanish, both ways; nobody is told."""
        _ip("link", "set", self.cable, "down")

    def plug(self) -> None:
        _ip("link", "set", self.cable, "up")


def may_be_made() -> bool:
    """Only the system's administrator may make a namespace, and not in every container."""
    name = f"sd{os.getpid()}"
    with suppress(OSError, subprocess.CalledProcessError):
        _ip("netns", "add", name)
        _ip("netns", "delete", name)
        return True
    return False


@contextmanager
def two_hosts() -> Iterator[tuple[Host, Host]]:
    with ExitStack() as undo:
        _ip("address", "add", f"{HERE}/32", "dev", "lo")
        undo.callback(_ip, "address", "delete", f"{HERE}/32", "dev", "lo")
        yield _make(1, undo), _make(2, undo)


def _make(number: int, undo: ExitStack) -> Host:
    host = Host(name=f"sd{os.getpid()}h{number}", cable=f"sd{os.getpid()}c{number}")
    ours, theirs = f"{_NETWORK}.{4 * number + 1}", f"{_NETWORK}.{4 * number + 2}"
    _ip("netns", "add", host.name)
    undo.callback(_ip, "netns", "delete", host.name)  # the cable goes with it
    _ip("link", "add", host.cable, "type", "veth", "peer", "name", "eth0", "netns", host.name)
    _ip("address", "add", f"{ours}/30", "dev", host.cable)
    _ip("link", "set", host.cable, "up")
    for words in (
        ("address", "add", f"{theirs}/30", "dev", "eth0"),
        ("link", "set", "eth0", "up"),
        ("link", "set", "lo", "up"),
        ("route", "add", "default", "via", ours),
    ):
        _ip("-n", host.name, *words)
    return host


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
