# Everything that one does with this repository. Plain `make` prints the list.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test check golden verify bench lock clean

help: ## Print this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

demo: $(VENV)/.run ## Start everything with demo cases on http://127.0.0.1:8000 (STORIES=: only the set-up; STORIES="01 12": those)
	@exec $(BIN)/muniment demo $(if $(filter command line environment,$(origin STORIES)),--stories "$(STORIES)")

test: $(VENV)/.dev ## Run the tests (a private PostgreSQL is started and stopped)
	$(BIN)/pytest -q

check: $(VENV)/.dev ## Format, lint, types, import contracts, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q

golden: $(VENV)/.dev ## Rewrite golden files and docs/reference; read the diff
	MUNIMENT_GOLDEN=rewrite $(BIN)/pytest -q -m golden

verify: $(VENV)/.dev ## The slow suites and the coverage of domain/ and ledger/ (installs Debian packages where it may)
	.ci/verify

bench: $(VENV)/.dev ## Print the ratios of docs/performance.md from one run on this machine
	$(BIN)/pytest -q -s -m benchmark tests/benchmarks

lock: $(VENV)/.dev ## Work out the locked requirements anew from pyproject.toml
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile $(LOCK_FLAGS) --extra embedded --extra build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile $(LOCK_FLAGS) --extra embedded --extra build --extra pkcs11 --extra dev pyproject.toml -o requirements-dev.lock

clean: ## Remove the environment and the demo's data
	rm -rf $(VENV) .muniment

LOCK_FLAGS := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Muniment needs Python 3.11 or later; PYTHON=... names another one." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "This Python cannot make environments; on Debian and Ubuntu install python3-venv." >&2; exit 2; }

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.run
