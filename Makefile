# The commands people type. `make drill` and `make test` need nothing but Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PLAN ?= contoso-erp
# What `make check` runs: pure parts, no servers, no subprocesses to speak of. `make test` runs everything that needs no browser.
FAST := tests/architecture tests/unit/plan tests/unit/compile tests/unit/runs \
	tests/unit/bench tests/unit/test_walk.py tests/unit/test_clock.py tests/unit/test_settings.py

.DEFAULT_GOAL := help
# What `make soak` drills: DRILLS drills of VMS VMs each, from SEED on, in so many processes.
DRILLS ?= 200
VMS ?= 50
SEED ?= 1
WORKERS ?= 2

.PHONY: help install drill up test slow survival browser check bench soak lock schema clean

help:  ## what there is
	@$(PYTHON) -c 'import re; [print(f"  make {a:10} {b}") for a, b in re.findall(r"(?m)^([a-z-]+):.*## (.*)", open("Makefile").read())]'

install: $(STAMP)  ## install into .venv, from the committed lock

# --no-deps: the lock is complete (checked by `make check`), so nothing is resolved and nothing else can come in.
$(STAMP): requirements.lock requirements-uv.lock pyproject.toml deployments/install.sh
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=…"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv is not installed (Debian: apt-get install python3-venv)"; exit 2; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing from requirements.lock into $(VENV) …"
	@deployments/install.sh "$(CURDIR)/$(VENV)"
	@touch $@

drill: $(STAMP)  ## drill PLAN=contoso-erp against the embedded simulator and show the result
	@$(BIN)/muster drill $(PLAN) --rehearse

up: $(STAMP)  ## Prefect server and UI, a worker, the simulators and all deployments, until Ctrl-C
	@$(BIN)/muster up

test: $(STAMP)  ## all tests that need no browser, and no minutes each
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup --ignore tests/browser -m "not survival and not slow"

slow: $(STAMP)  ## kills and interruptions of real processes, about seven minutes; SLOW=short: one of each kind
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup tests/rehearsal -m slow

survival: $(STAMP)  ## drill into every scenario of the simulator, about five minutes
	@$(BIN)/python -m pytest -q -n 2 tests/survival -m survival

browser: $(STAMP)  ## the tests in a real Chromium (needs chromium and pdftotext: apt-get install chromium poppler-utils)
	@$(BIN)/python -m pytest -q tests/browser

check: $(STAMP)  ## format, lint, types, imports, fast tests
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . && echo "lint: clean"
	@$(BIN)/mypy --no-error-summary && echo "types: clean"
	@$(BIN)/lint-imports --no-logo | tail -n 3
	@$(BIN)/python -m pytest -q -n 2 $(FAST)

bench: $(STAMP)  ## print the figures that the project holds itself to
	@$(BIN)/python -m benchmarks

soak: $(STAMP)  ## random drills in virtual time: DRILLS=200 of VMS=50 VMs from SEED=1 in WORKERS=2 processes
	@$(BIN)/python -m tests.soak --drills $(DRILLS) --vms $(VMS) --seed $(SEED) --workers $(WORKERS)

lock:  ## work the lock out anew (needs uv)
	@uv pip compile pyproject.toml --extra prefect --group dev --universal --python-version 3.11 \
	  --no-emit-index-url --no-strip-extras --generate-hashes --no-header --output-file requirements.lock
	@echo uv | uv pip compile - --universal --python-version 3.11 \
	  --no-emit-index-url --generate-hashes --no-header --output-file requirements-uv.lock

schema: $(STAMP)  ## write recovery_plans/schema.json and prefect.yaml anew
	@$(BIN)/python -m muster.plan.schema
	@$(BIN)/muster deploy --write

clean:  ## remove what make made, but never evidence and keys
	@rm -rf $(VENV) .muster/prefect .muster/up .muster/log .mypy_cache .ruff_cache .hypothesis
