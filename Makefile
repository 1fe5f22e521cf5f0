# `make help` says what there is. Needs Python 3.11 or later, make and a package index; everything is installed below .venv.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check check-format check-lint check-types check-imports check-rules docs priors lock clean

BIN := .venv/bin
LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url
RULES := $(wildcard tests/test_*.py) tests/requirements tests/plumbline/test_reference.py

help:  ## what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: .venv/installed-train  ## a generated firm, imported, learned from, scored, checked and served on this machine
	$(BIN)/plumbline demo $(ARGS)

test: .venv/installed-dev  ## all tests (some of them: make test ARGS="tests/records -m 'not slow'")
	$(BIN)/pytest --numprocesses 2 --dist loadfile $(ARGS)

check: check-format check-lint check-types check-imports check-rules  ## format, lint, types, import contracts, rules of the house (make -k check shows all that fails)

check-format: .venv/installed-dev
	$(BIN)/ruff format --check .

check-lint: .venv/installed-dev
	$(BIN)/ruff check .

check-types: .venv/installed-dev
	$(BIN)/mypy

check-imports: .venv/installed-dev
	$(BIN)/lint-imports --no-logo

check-rules: .venv/installed-dev
	$(BIN)/pytest --quiet $(RULES)

docs: .venv/installed-train  ## write the pages that are made from the declarations
	$(BIN)/python -m plumbline.reference

priors: .venv/installed-train  ## learn the models that ship for new firms anew, after a change to the features (some five minutes)
	OMP_NUM_THREADS=1 $(BIN)/python -m plumbline.priors

lock: .venv/installed-dev  ## choose the versions anew after a change to the dependencies; UPGRADE=--upgrade takes the newest
	$(LOCK) $(UPGRADE) pyproject.toml --extra train --extra spark --extra dev --group build --output-file requirements/dev.txt
	$(LOCK) $(UPGRADE) pyproject.toml --extra train --group build --constraint requirements/dev.txt --output-file requirements/train.txt
	$(LOCK) $(UPGRADE) pyproject.toml --extra spark --group build --constraint requirements/dev.txt --output-file requirements/spark.txt
	$(LOCK) $(UPGRADE) pyproject.toml --constraint requirements/dev.txt --output-file requirements/serve.txt
	$(LOCK) $(UPGRADE) --group pyproject.toml:installer --output-file requirements/uv.txt

clean:  ## the environment and what tools left behind; PLUMBLINE_HOME stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment: made once, and again when a lock or the project's own declaration changes

.venv/bin/python:
	@for python in "$$PYTHON" python3.11 python3 python3.12 python3.13; do \
	  if [ -n "$$python" ] && "$$python" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "$$python -m venv .venv"; exec "$$python" -m venv .venv; \
	  fi; \
	done; \
	echo "Plumbline needs Python 3.11 or later with its venv module, and none was found. Name one: make PYTHON=/path/to/python3.11" >&2; exit 1

.venv/installed-%: requirements/%.txt requirements/uv.txt requirements/install.py pyproject.toml | .venv/bin/python
	$(BIN)/python requirements/install.py $<
	@touch $@
