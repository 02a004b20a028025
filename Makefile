# Commands for installing, running and developing Lectern. `make` lists them.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 5001

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo run test lint format lock bench smoke audit sample screenshots clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## Install Lectern's packages (system packages with apt if permitted)

setup-dev: $(VENV)/.ready-dev

$(VENV)/.ready: requirements.txt requirements-nodeps.txt scripts/setup.sh
	@PYTHON=$(PYTHON) scripts/setup.sh $(VENV) run

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt requirements-dev-nodeps.txt
	@PYTHON=$(PYTHON) scripts/setup.sh $(VENV) dev

demo: setup ## Turn the sample lecture into documents, over HTTP, into demo-output/
	@$(BIN)/python -m scripts.demo

run: setup ## Serve on PORT (5001)
	@echo "Open http://localhost:$(PORT) when the server is listening. Ctrl-C stops it."
	@PORT=$(PORT) exec $(BIN)/gunicorn

test: setup-dev ## Lint, check types, run the tests
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest  # the tests start many Python processes

lint: setup-dev ## Lint and check types only
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: setup-dev ## Format the code
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

lock: setup-dev ## Resolve requirements*.in to requirements*.txt, with hashes
	@scripts/lock.sh $(BIN)/uv

bench: setup-dev ## Run the benches [ONLY=name] [MEDIA=folder] and write docs/benchmarks.md
	@$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY)) $(if $(MEDIA),--media $(MEDIA))

audit: setup-dev ## Check installed packages for known vulnerabilities (needs network access)
	@scripts/audit.sh $(VENV)

smoke: ## Run the documented curl calls against URL=http://host:port; with TOKEN=... of an admin also Thakii's
	@scripts/smoke.sh $(URL)
	@$(if $(TOKEN),scripts/thakii_curl.sh $(or $(URL),http://127.0.0.1:$(PORT)) $(TOKEN))

screenshots: setup-dev ## Take the pictures of the page in docs/images/ again
	@$(BIN)/python -m scripts.screenshots

clean: ## Remove files of the demo and the tests (not your data)
	@rm -rf demo-output .pytest_cache .mypy_cache .ruff_cache
