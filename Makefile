# Thin: each target calls the command that `make setup` installs. `make PYTHON=python3.12 ...` chooses another Python.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
QA := $(BIN)/qa
INSTALLED := $(VENV)/.installed
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$p && break; done)

# HOST from the command line only: shells set it to the machine's name, and that would open the service to the network.
SERVE := $(if $(filter command%,$(origin HOST)),--host $(HOST)) $(if $(PORT),--port $(PORT))

.PHONY: help setup serve ask chat test lint eval sbom audit clean
.DEFAULT_GOAL := help

help:
	@echo 'make serve [PORT=8000] [HOST=127.0.0.1]   install what is missing, index seeds/ once, serve the page and the API'
	@echo 'make ask Q="..."                          ask one question; offers to index seeds/ first'
	@echo 'make chat                                 ask and follow up'
	@echo 'make test [ARGS="-k name"]                run the tests, on all cores; ARGS go to pytest'
	@echo 'make lint                                 format, lint, types, import order'
	@echo 'make eval                                 ask the question sets, compare with the baseline'
	@echo 'make sbom                                 list what is installed, with licences: sbom.cdx.json, licences.csv'
	@echo 'make audit                                look for known vulnerabilities of the locked packages'
	@echo 'make setup                                only install, into .venv'
	@echo 'make clean                                remove .venv (the library in data/ stays)'

setup: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed; name it: make PYTHON=/path/to/python3.12' >&2; exit 1; }
	@$(PYTHON) -c '$(NEW_ENOUGH)' || { echo '$(PYTHON) is older than 3.11; name another: make PYTHON=...' >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/python -m uv pip install --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/python -m uv pip install --python $(BIN)/python --no-deps -e .
	@touch $@

serve: $(INSTALLED)
	@$(QA) serve --seeds seeds $(SERVE)

ask: export QUESTION = $(value Q)
ask: $(INSTALLED)
	@$(QA) ask -- "$$QUESTION" || [ $$? -eq 3 ] # 3: the reports don't say, which is an answer too

chat: $(INSTALLED)
	@$(QA) chat

test: $(INSTALLED)
	@$(BIN)/python -m pytest $(or $(ARGS),-n auto --dist loadfile --no-loadscope-reorder)

lint: $(INSTALLED)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

eval: $(INSTALLED)
	@$(QA) eval gate --baseline eval/baselines/seeds.json --answerer extractive
	@$(QA) eval verify eval/sets/claims/kept_out.jsonl --json $(VENV)/claims.json
	@$(QA) eval gate --baseline eval/baselines/claims.json --run $(VENV)/claims.json

sbom: $(INSTALLED)
	@$(BIN)/python .ci/sbom.py

audit: $(INSTALLED)
	@$(BIN)/python -m uv tool run --from 'pip-audit==2.*' pip-audit --strict --disable-pip --require-hashes -r requirements.lock \
		|| { echo 'The audit did not pass: what is found stands above; if that is an error, NOTHING was checked.' >&2; exit 1; }

clean:
	rm -rf $(VENV)
