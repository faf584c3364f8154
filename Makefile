# Ownship: what a fresh machine with Python 3.11 or later and make needs. `make help` lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# A stamp is older than its lock exactly when the environment must be made again. It is a new file each
# time, so that an environment that was copied by hard links has stamps of its own.
RUN := $(VENV)/.stamp-run
DEV := $(VENV)/.stamp-dev
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input

# Everything, in as many processes as there are cores: make test TESTS="tests/crypto -n 0"
TESTS ?= -n auto

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check format coverage bench lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUN) ## start a vault with sample customers on http://localhost:8000
	$(BIN)/ownship demo

test: $(DEV) ## install what the tests need and run them all
	@.ci/system-packages tests
	$(BIN)/python -m pytest $(TESTS)

check: $(DEV) ## run every static check, in seconds
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/codespell
	$(BIN)/djlint portal/templates --lint --quiet

format: $(DEV) ## lay out the code and mend what ruff can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

coverage: $(DEV) ## measure branch coverage: all of policies, core and crypto, 90 % elsewhere
	@.ci/system-packages tests
	$(BIN)/python -m pytest -n auto --cov --cov-report=
	$(BIN)/coverage report --fail-under=100 --include='policies/*,vault/core/*,vault/crypto/*'
	$(BIN)/coverage report --fail-under=90 --omit='policies/*,vault/core/*,vault/crypto/*'

bench: $(DEV) ## measure on this machine, beside bare PostgreSQL; wants it idle, takes half an hour
	@.ci/system-packages tests
	$(BIN)/python -m bench $(BENCH)

# Releases wait a week before they are taken. authlib's floor (a security fix) may not wait.
COMPILE = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-strip-extras --group build \
	--custom-compile-command 'make lock' \
	--exclude-newer '7 days' --exclude-newer-package 'authlib=1 day'

lock: $(DEV) ## compile both locks again, with the newest releases older than a week
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) pyproject.toml --extra dev --constraint requirements.lock \
		--output-file requirements-dev.lock

clean: ## remove the environment and all caches, but not var/
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage* build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@.ci/system-packages venv $(PYTHON)
	$(PYTHON) -m venv $(VENV)

$(RUN): requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@rm -f $@ && touch $@

# The development lock holds the run-time lock's versions too, so it serves for both.
$(DEV): requirements-dev.lock requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@rm -f $(RUN) $@ && touch $(RUN) $@
