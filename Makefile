# The environment, the demo, the tests. `make setup` is called by all others and does next to nothing when up to date.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest
PYTEST_ARGS ?= -n 2 --dist worksteal

.PHONY: setup demo test test-heavy check check-static clean

setup:
	@PYTHON="$(PYTHON)" sh scripts/setup.sh

demo: setup
	@exec $(BIN)/python manage.py demo

test: setup
	@. scripts/chromium.sh && $(PYTEST) -m "not heavy" $(PYTEST_ARGS)

test-heavy: setup
	@. scripts/chromium.sh && $(PYTEST) -m heavy $(PYTEST_ARGS) || [ $$? = 5 ] # 5: there are none

check-static: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports

check: check-static test

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
