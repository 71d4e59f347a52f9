# Makes .venv from the pinned requirements, unless it is already made from these very files; compiles the modules.
set -eu
: "${PYTHON:=python3}"

if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    found=$("$PYTHON" --version 2>/dev/null) || found="not there"
    echo "Schemadiff needs Python 3.11 or newer, and '$PYTHON' is $found: name another with make PYTHON=..." >&2
    exit 1
fi

wanted=$(cat requirements.txt requirements-dev.txt | cksum)
stamp=.venv/requirements.stamp
# Commands start in two thirds of the time: PYTHONDONTWRITEBYTECODE, which many containers set, has Python compile every
# module at every start. What is compiled already is left alone; where nothing can be written it goes on without.
compile() {
    .venv/bin/python -m compileall -q config schemadiff migration >/dev/null 2>&1 || :
}

if [ -x .venv/bin/python ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    compile
    exit 0
fi

if ! [ -x .venv/bin/python ]; then
    echo "Making the environment in .venv" >&2
    "$PYTHON" -m venv .venv || { echo "The environment could not be made: on Debian, install python3-venv." >&2; exit 1; }
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
echo "$wanted" > "$stamp"
compile
