# `make demo` and `make test` need python3, its venv module and make, and nothing else. They use uv where it is there.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# More for pytest, for example: make test TESTS="tests/rules -x"
TESTS ?=
# How many tests run at once; JOBS=0 runs them in one process, for a debugger.
JOBS ?= 2
# Which part of docs/requirements.md to show, for example: make requirements PART=till
PART ?=

UV := $(shell command -v uv 2>/dev/null)
ifdef UV
MAKE_VENV := uv venv --quiet --allow-existing --python $(PYTHON) $(VENV)
INSTALL := uv pip install --quiet --python $(BIN)/python
else
MAKE_VENV := $(PYTHON) -m venv $(VENV)
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

# A stamp says what the environment holds, so that the second call starts at once.
MADE := $(VENV)/.made
FOR_DEMO := $(VENV)/.for-demo
FOR_TESTS := $(VENV)/.for-tests

.PHONY: help demo test check lint format bench torture requirements hardware clean

help:
	@echo 'make demo          a demo shop, full screen; needs no hardware'
	@echo 'make test          all tests but the long ones'
	@echo 'make check         all that must hold before a change lands: lint and test'
	@echo 'make lint          format, lint, types and import contracts'
	@echo 'make format        write the files as the formatter wants them'
	@echo 'make bench         how fast, each as a ratio to the bare floor on this machine'
	@echo 'make torture       the crash and tamper tests in full; takes minutes'
	@echo 'make requirements  which requirement is held by how many tests (PART=till for one part)'
	@echo 'make hardware      what scanners and printers need (a C compiler and headers)'
	@echo 'make clean         remove what these commands made'

demo: $(FOR_DEMO)
	@$(BIN)/kiosk demo

test: $(FOR_TESTS)
	@$(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile $(TESTS)

check: lint test

lint: $(FOR_TESTS)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache >$(VENV)/imports.log || { cat $(VENV)/imports.log; exit 1; }

format: $(FOR_TESTS)
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(FOR_TESTS)
	@$(BIN)/python -m tests.bench

torture: $(FOR_TESTS)
	@$(BIN)/python -m pytest -m torture $(TESTS)

requirements: $(FOR_TESTS)
	@$(BIN)/python -m tests.support.requirements $(if $(PART),--part $(PART))

hardware: $(FOR_DEMO)
	$(INSTALL) --editable '.[hardware]'

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find kiosk tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(MADE):
	@command -v $(PYTHON) >/dev/null || { echo 'kiosk needs Python 3.11 or newer: apt install python3 python3-venv'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'kiosk needs Python 3.11 or newer; this is:'; $(PYTHON) --version; exit 1; }
	@$(MAKE_VENV) || { echo 'No virtual environment could be made. On Debian: apt install python3-venv'; exit 1; }
	@touch $@

$(FOR_DEMO): $(MADE) pyproject.toml
	@echo 'Setting kiosk up (once) …'
	@$(INSTALL) --editable .
	@touch $@

$(FOR_TESTS): $(MADE) pyproject.toml
	@echo 'Setting the tests up (once) …'
	@$(INSTALL) --editable '.[dev,postgres]'
	@$(INSTALL) --editable '.[hardware]' >$(VENV)/hardware.log 2>&1 || { \
		echo 'NOTE: evdev could not be built (no C compiler, Python headers or kernel headers); the tests of scanners are'; \
		echo '      skipped. Why: $(VENV)/hardware.log. Then: make hardware'; \
		$(INSTALL) pyserial pyusb; }
	@touch $@ $(FOR_DEMO)
