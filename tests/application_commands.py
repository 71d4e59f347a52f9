"""`manage.py …` as a process of its own, on the tests' database."""

import os
import subprocess
import sys

from django.conf import settings

from tests.worker_process import database_url


def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; the application's database is the tests'."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": database_url(), "SCHEMADIFF_DATA": str(settings.DATA_DIR)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
