# Two commands set everything up: `make brief` and `make test`. See README.md.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONSTRAINTS := constraints.txt

.PHONY: brief serve test check lint system bench docs compile clean

## The main job: environment, install, briefing from the embedded archive.
brief: $(VENV)/.run-ready
	@$(BIN)/caudal brief -o brief.html

## The application on this machine: http://127.0.0.1:8642, Ctrl-C stops it.
serve: $(VENV)/.run-ready
	@$(BIN)/caudal serve

## Everything CI runs: style, types, layers, then every test, the slow ones included.
test: lint system
	$(BIN)/python -m pytest -n 2 --dist worksteal -m ""

## The fast tests only, while you work.
check: $(VENV)/.dev-ready
	$(BIN)/python -m pytest -q -x

## What tests need of the system: a browser, and Pango for PDF. Installed where we may, else said.
system:
	@.ci/system

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

## Side by side with what a reader would use otherwise; writes benchmarks/results/.
bench: $(VENV)/.dev-ready
	@for program in benchmarks/*.py; do $(BIN)/python $$program || exit 1; done

## The corridor held against what came; writes docs/methods/corridor.md and its chart (some minutes).
validation: $(VENV)/.dev-ready
	$(BIN)/caudal corridor validate --write docs || test $$? -eq 1

## What the documentation shows that a program makes: the picture in the README and the reference pages.
docs: $(VENV)/.dev-ready
	$(BIN)/python docs/make.py

## The embedded archive, from the publishers' files (FILES=DIR).
FILES ?= ../shared/data
compile: $(VENV)/.dev-ready
	$(BIN)/caudal figures compile --from $(FILES)

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache brief.html
