"""An application that obeys the flags: it writes and reads clients on whichever backend holds, in four threads.

    python docs/examples/application.py        until Ctrl-C; a line of JSON for each call

SOURCE_URL and TARGET_URL are the two databases, MAPPING is the exported mapping file (none: both name things alike),
WRITE_WAIT the seconds that a write waits while a cut-over is prepared, PAUSE those between two clients (0 where nothing
is said); SCHEMADIFF_FLAGS_… say where the flags come from.
"""

import itertools
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from migration.access.answers import Answer
from migration.access.data_layer import DataLayer, open_data_layer
from migration.access.flag_client import FlagClient
from migration.access.flag_client.settings import from_environment
from migration.access.pool import PoolSettings
from migration.access.selecting import Selection

COMPANY = 962302


def main() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    settings = from_environment()
    waiting = Selection(module=settings.module, write_wait=float(os.environ["WRITE_WAIT"]))
    places = os.environ["SOURCE_URL"], os.environ["TARGET_URL"]
    with (
        FlagClient(settings) as flags,
        open_data_layer(
            *places,
            flags,
            mapping=Path(os.environ["MAPPING"]) if "MAPPING" in os.environ else None,
            pool=PoolSettings(max_size=8, statement=5),  # shorter than the permission to write lasts
            selection=waiting,
        ) as data,
    ):
        numbers = itertools.count(10**12 + os.getpid() * 10**6)  # of this process alone
        threads = [threading.Thread(target=work, args=(data, numbers, stop)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def work(data: DataLayer, numbers: Iterator[int], stop: threading.Event) -> None:
    while not stop.wait(float(os.environ.get("PAUSE", "0"))):
        number = next(numbers)
        row = {"yclients_id": number, "company_id": COMPANY, "name": str(number), "phone": "70000000000"}
        tell(number, data.upsert_client, row)
        tell(number, data.get_client_by_id, number, COMPANY)


def tell(number: int, method: Callable[..., Answer], *arguments: object) -> None:
    started = time.monotonic()
    answer = method(*arguments)
    seconds = round(time.monotonic() - started, 3)
    error = answer.error.message if answer.error else ""
    line = json.dumps([method.__name__, number, answer.backend, seconds, len(answer.rows), error])
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
