# Two commands set everything up: `make brief` and `make test`. See README.md.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONSTRAINTS := constraints.txt

.PHONY: brief test check lint bench docs compile clean

## The main job: environment, install, briefing from the embedded archive.
brief: $(VENV)/.run-ready
	@$(BIN)/caudal brief -o brief.html

## Everything CI runs: style, types, layers, then every test, the slow ones included.
test: lint
	$(BIN)/python -m pytest -n 2 --dist worksteal -m ""

## The fast tests only, while you work.
check: $(VENV)/.dev-ready
	$(BIN)/python -m pytest -q -x

lint: $(VENV)/.dev-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-ready: pyproject.toml $(CONSTRAINTS) | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) -e .
	@touch $@

$(VENV)/.dev-ready: pyproject.toml $(CONSTRAINTS) | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) -e '.[dev]'
	@touch $@ $(VENV)/.run-ready

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache brief.html
