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

.PHONY: help setup demo test test-all check bench bench-peers docs site run clean

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

demo: $(VENV)/.product  ## build a simulated market, train, fuse, referee, backtest, explain
	$(BIN)/assay --home $(DEMO_HOME) demo

test: $(VENV)/.tools $(CLIENTS)/.ready  ## the tests that take seconds
	$(BIN)/pytest -n $(JOBS) -q -m "not slow"

test-all: $(VENV)/.tools $(CLIENTS)/.ready  ## all tests, the slow ones too
	$(BIN)/pytest -n $(JOBS) -q

check: $(VENV)/.tools  ## lint, types, the rooms' walls, generated docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/house.py
	$(BIN)/python tools/reference.py --check

bench: $(VENV)/.tools  ## our speed, beside the floors and the peers at hand; writes docs/benchmarks.md
	$(BIN)/python bench/run.py features imports store data backfill report gate cold experiments cluster
	$(BIN)/python bench/page.py

bench-peers: $(VENV)/.tools  ## peers in environments of their own, beside the last make bench
	$(BIN)/python bench/peers.py
	$(BIN)/python bench/page.py

docs: $(VENV)/.product  ## regenerate docs/reference from the code
	$(BIN)/python tools/reference.py

$(VENV)/.site: $(VENV)/.product
	@$(PIP) install --quiet --constraint constraints.txt --editable '.[train,docs]'
	@touch $@

site: $(VENV)/.site  ## build the pages in docs/ as a site, in site/; a broken link fails
	$(BIN)/mkdocs build --strict --quiet --site-dir site

run: $(VENV)/.product  ## the board of the default workspace
	$(BIN)/assay daily

clean:  ## remove what make made
	rm -rf $(VENV) $(CLIENTS) $(DEMO_HOME) site .mypy_cache .ruff_cache .pytest_cache .hypothesis
