# Two commands matter: `make serve` and `make test`. Everything is installed into .venv; nothing else is touched.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
BIN := .venv/bin
# Debian's pip and ensurepip are old enough to need the first upgrade; both are quiet when there is nothing to do.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PAGE := $(shell find web -path web/node_modules -prune -o -type f -print 2>/dev/null)

.PHONY: serve test check unit web browser proxies bench faults lighthouse clean

serve: .venv/installed
	$(BIN)/penstock serve --host $(HOST) --port $(PORT)

test: check web unit

check: .venv/developer
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

web: .venv/developer
	$(BIN)/python tools/npm.py run check
	$(BIN)/python tools/npm.py run test
	$(BIN)/python tools/npm.py run size

unit: .venv/developer browser proxies
	$(BIN)/pytest --numprocesses auto --maxprocesses 3 --dist loadfile --cov --cov-branch --cov-report=term-missing:skip-covered

browser: .venv/developer
	$(BIN)/python tools/find_browser.py

proxies: .venv/developer
	$(BIN)/python tools/find_proxies.py

faults: .venv/developer
	$(BIN)/pytest tests/faults --long -s --timeout 5400

lighthouse: .venv/developer browser
	$(BIN)/python tools/run_lighthouse.py

bench: .venv/developer
	$(BIN)/python bench/relay/run.py
	$(BIN)/python bench/page/renderers.py
	$(BIN)/python bench/page/whole_page.py
	$(BIN)/python bench/page/long_blocks.py

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Penstock needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(PIP) --upgrade 'pip>=25.1'

.venv/installed: .venv/bin/python pyproject.toml hatch_build.py $(PAGE)
	$(PIP) --editable .
	@touch $@

.venv/developer: .venv/bin/python pyproject.toml hatch_build.py $(PAGE)
	$(PIP) --editable . --group dev
	@touch $@ .venv/installed

clean:
	rm -rf .venv web/node_modules src/penstock/_static build dist
