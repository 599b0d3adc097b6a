SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
PYTHON_RUN := .venv/bin/python
PYTEST := $(PYTHON_RUN) -m pytest -n 2 --dist loadgroup

.PHONY: help run test sure check bench lock clean set-up set-up-to-test set-up-servers

help: ## What there is to do
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-7s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "  A process is added without Python: bpmn/<process>/, forms/<process>/, documents/<process>/,"
	@echo "  then .venv/bin/xianjie check. ARCHITECTURE.md has the dialect of the diagrams."

run: set-up ## Install what is missing, load the demonstration and serve it
	@.venv/bin/xianjie init --demo
	@exec .venv/bin/xianjie serve --demo

test: set-up-to-test set-up-servers check ## Everything that CI runs: linters, types, tests on SQLite, PostgreSQL and Chromium
	@$(PYTEST) -m "not browser" $(ARGS)
	@$(PYTHON_RUN) -m pytest -m browser $(ARGS)

sure: set-up-to-test check ## The fast part: no browser, no PostgreSQL
	@$(PYTEST) -m "not browser and not postgres" $(ARGS)

check:
	@$(PYTHON_RUN) -m ruff check
	@$(PYTHON_RUN) -m ruff format --check
	@$(PYTHON_RUN) -m mypy
	@.venv/bin/lint-imports

bench: set-up-to-test ## Measure (nothing else should run meanwhile)
	@$(PYTHON_RUN) -m bench $(ARGS)

lock: ## Pin the libraries again after a change of pyproject.toml; UPGRADE=1 takes the newest
	@bash setup/lock.sh

clean: ## Remove what was installed and built here; the data in var/ stays
	@rm -rf .venv app/web/static/dist app/web/frontend/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

set-up:
	@bash setup/system.sh
	@bash setup/python.sh requirements.lock
	@bash setup/package.sh
	@bash setup/fonts.sh

set-up-to-test:
	@bash setup/system.sh
	@bash setup/python.sh requirements-dev.lock
	@bash setup/package.sh
	@bash setup/fonts.sh

set-up-servers:
	@bash setup/postgres.sh
	@bash setup/chromium.sh
