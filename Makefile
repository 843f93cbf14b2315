# Everything that one does with the portal, by name. `make` alone lists it.
PYTHON ?= python3
PORT ?= 8000
WORKERS ?= auto
VENV := .venv
BIN := $(VENV)/bin
FLASK := $(BIN)/flask
CATALOGUES := $(wildcard translations/*/LC_MESSAGES/messages.po)

.DEFAULT_GOAL := help
.PHONY: help setup run test check format translations migration lock wheel screenshots torture clean

help: ## Lists what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/runs ## Makes .venv with what the portal needs to run

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with PYTHON=…"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/runs: $(VENV)/python requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/tests: $(VENV)/runs requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/translated: $(VENV)/runs $(CATALOGUES)
	@$(FLASK) translate compile
	@touch $@

run: export PORTAL_BASE_URL ?= http://127.0.0.1:$(PORT)
run: $(VENV)/translated ## Starts the portal with a shop to play with (PORT=8000)
	@$(FLASK) db upgrade
	@$(FLASK) demo --if-empty
	@$(FLASK) serve --port $(PORT)

test: $(VENV)/tests $(VENV)/translated ## Runs every test: both databases, and a real browser, where they are there
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

check: $(VENV)/tests $(VENV)/translated ## Linters, types, directions of import, house rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/python -m pytest -q tests/house

format: $(VENV)/tests ## Formats the code
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

translations: $(VENV)/tests ## Brings the catalogues to the present: extract, update, compile
	$(FLASK) translate update
	$(FLASK) translate compile

migration: $(VENV)/tests ## Makes a migration from the models (NAME="what it does")
	$(FLASK) db revision --autogenerate --rev-id "$$(printf '%04d' $$(( $$(ls migrations/versions/*.py | wc -l) + 1 )))" --message "$(NAME)"

lock: $(VENV)/tests ## Locks the newest versions that setup.cfg allows, with hashes
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --extra postgres --extra redis setup.cfg -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --extra postgres --extra redis --extra dev setup.cfg -c requirements.lock -o requirements-dev.lock

wheel: $(VENV)/tests $(VENV)/translated ## Builds a wheel into dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

screenshots: $(VENV)/tests $(VENV)/translated ## Draws every page into screenshots/
	$(BIN)/python -m tests.browser.screenshots

torture: $(VENV)/tests $(VENV)/translated ## The slow tests, with many rounds
	TORTURE=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -k "concurrency or killed" --timeout 3600

clean: ## Removes what was built, and keeps instance/ with its data
	rm -rf $(VENV) dist build *.egg-info .pytest_cache .ruff_cache .mypy_cache
