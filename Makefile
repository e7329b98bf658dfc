# `make help` lists the targets.
SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 5000
SANDBOX_PORT ?= 5055
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help run test check lint front type format bench soak pins system clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run ## serve the site on http://127.0.0.1:5000 (PORT=, SANDBOX_PORT=), with a local Bungie.net unless .env has credentials
	@PYTHONPATH=. PORT=$(PORT) SANDBOX_PORT=$(SANDBOX_PORT) exec $(BIN)/python scripts/run.py

test: system $(VENV)/.dev lint type ## linters, types and every test, with the coverage of the site's branches
	$(BIN)/python -m pytest -n 2 --dist loadgroup --cov --cov-report=

check: $(VENV)/.dev lint type ## linters, types and the fast tests: no browser, Redis or gunicorn
	$(BIN)/python -m pytest -n 2 --quiet -p tests.markers -m "not slow"

lint: $(VENV)/.dev front ## ruff, format, import contracts, unused code, templates, scripts and styles
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python scripts/find_unused_code.py
	$(BIN)/djlint templates --lint --quiet

# The site needs no Node.js, so a machine without it checks all but static/.
front:
	@if [ ! -f package.json ]; then exit 0; \
	elif command -v npm >/dev/null 2>&1; then \
	  $(MAKE) --no-print-directory node_modules/.installed && npm run --silent lint && npm run --silent types && npm run --silent test; \
	else echo "static/ is not checked: Node.js is not installed"; fi

node_modules/.installed: package.json
	npm install --no-package-lock --no-audit --no-fund --silent
	@touch $@

type: $(VENV)/.dev ## mypy, strict
	$(BIN)/mypy

format: $(VENV)/.dev ## format the code with ruff
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## the measurements of docs/performance.md, one after the other (about six minutes)
	$(BIN)/python bench/run.py
	$(BIN)/python bench/page.py
	$(BIN)/python bench/browser.py
	$(BIN)/python bench/load.py

# An option that is not given is not passed on: python -m soak --help has the defaults.
SOAK = $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) $(if $(STORE),--store $(STORE)) \
  $(if $(PLAYERS),--players $(PLAYERS)) $(if $(KILLS),--kills-per-minute $(KILLS)) \
  $(if $(FAULTS),--faults $(FAULTS)) $(if $(CLOCK_STEPS),--clock-steps) $(if $(LAG),--lag $(LAG)) $(MORE)

soak: $(VENV)/.dev ## the soak test: random players and faults, every step checked (MINUTES= SEED= STORE=sqlite|redis PLAYERS= KILLS= FAULTS= CLOCK_STEPS=1 LAG= MORE=)
	@$(BIN)/python -m soak $(SOAK)

pins: $(VENV)/.dev ## pin the newest versions of the dependencies, with hashes
	$(PIP) install 'uv>=0.9'
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make pins" pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make pins" pyproject.toml --extra dev -c requirements.txt -o requirements-dev.txt

# The tests need Chromium and Redis. Without them the target fails; no test is skipped.
system:
	@for need in chromium redis-server; do \
	  command -v $$need >/dev/null 2>&1 && continue; \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	    echo "installing $$need"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$need >/dev/null; \
	  fi; \
	  command -v $$need >/dev/null 2>&1 || { echo "make test needs $$need: apt-get install $$need"; exit 1; }; \
	done

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

clean: ## remove what the other targets built (not the data in instance/)
	rm -rf $(VENV) node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
