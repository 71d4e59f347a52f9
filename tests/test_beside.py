"""Work in a second process. A process of its own tries it: the one that runs the tests may have threads."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_START = """
import os, threading
from schemadiff.beside import worked_out_beside

def own_number():
    return str(os.getpid())
"""


def run(script: str) -> str:
    process = [sys.executable, "-c", _START + script]
    return subprocess.run(process, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_another_process_works_it_out_and_is_gone_afterwards() -> None:
    said = run("""
os.cpu_count = lambda: 2
with worked_out_beside(own_number) as found:
    other = int(found())
print(other != os.getpid())
try:
    os.waitpid(other, os.WNOHANG)
except ChildProcessError:
    print("gone")
""")
    assert said == "True\ngone\n"


def test_it_need_not_be_asked_for() -> None:
    assert (
        run("""
with worked_out_beside(lambda: "x" * 10_000_000):
    pass
print("done")
""")
        == "done\n"
    )


def test_what_fails_there_fails_here_when_it_is_asked_for() -> None:
    said = run("""
def fail():
    raise ValueError("no")

with worked_out_beside(fail) as found:
    try:
        found()
    except ValueError as error:
        print(error)
""")
    assert said == "no\n"


def test_a_process_with_threads_does_it_itself() -> None:
    said = run("""
done = threading.Event()
thread = threading.Thread(target=done.wait)
thread.start()
with worked_out_beside(own_number) as found:
    print(found() == own_number())
done.set()
""")
    assert said == "True\n"
