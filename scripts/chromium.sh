# Sourced before the tests: sees to a Chromium for the browser tests, and says in CHROMIUM where it is.
# Where none can be had CHROMIUM is empty, and those tests are skipped with that reason.

chromium_there() {
    if [ -n "${CHROMIUM:-}" ] && [ -x "$CHROMIUM" ]; then
        return 0
    fi
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if CHROMIUM=$(command -v "$name"); then
            return 0
        fi
    done
    CHROMIUM=$(.venv/bin/python - <<'PYTHON' 2>/dev/null
from pathlib import Path
from playwright.sync_api import sync_playwright

with sync_playwright() as playwright:
    path = Path(playwright.chromium.executable_path)
print(path if path.exists() else "")
PYTHON
    ) || CHROMIUM=""
    [ -n "$CHROMIUM" ]
}

chromium_fetched() {
    echo "No Chromium for the browser tests: fetching one with playwright." >&2
    if .venv/bin/python -m playwright install chromium >&2; then
        return 0
    fi
    if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
        echo "That did not work: installing Debian's with apt-get." >&2
        apt-get update >&2 && apt-get install -y --no-install-recommends chromium fonts-dejavu-core >&2
    fi
}

if ! chromium_there; then
    chromium_fetched || true
    chromium_there || echo "There is no Chromium: the browser tests will be skipped." >&2
fi
export CHROMIUM
