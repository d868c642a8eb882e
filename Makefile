# The two commands: make demo, make check. Both install into .venv first; nothing else is touched.
# The system's own Python where it is new enough: distributors build it for speed, and LibreOffice's bridge is made for it.
FIT := import ensurepip, sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for one in /usr/bin/python3 python3; do if $$one -c "$(FIT)" 2>/dev/null; then echo $$one; exit; fi; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
# One more than the cores of a small machine: some tests wait for other programs.
WORKERS ?= 3
TOOLS := tests/tools
# Tests start some hundred processes, each of which would compile all modules again.
unexport PYTHONDONTWRITEBYTECODE
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-virtualenv
COMPILE := $(BIN)/uv pip compile --quiet --universal --no-emit-index-url --no-header --python-version 3.11

.PHONY: demo demo-serve check lint types imports test test-core test-rest crash bench pictures lock tools system-packages clean

demo: $(VENV)/.for-use
	$(BIN)/tieout demo --out demo
	$(BIN)/tieout demo --files --out demo/files-only

demo-serve: $(VENV)/.for-use
	$(BIN)/tieout demo --out demo --serve

# What one core can do alone goes side by side.
SIDE_BY_SIDE := --no-print-directory --jobs 2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

check: $(VENV)/.for-checks tools
	$(MAKE) $(SIDE_BY_SIDE) types lint imports test-core
	$(MAKE) --no-print-directory test-rest

# $(1): the lock file. A pip of today is quicker than the one that Python brings, which serves where no other is to be had; and what is
# never imported need not be compiled.
define install
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Tieout needs Python 3.11 or newer: make PYTHON=python3.12 ...')"
	test -x $(BIN)/python || { $(PYTHON) -m venv $(VENV) && { $(PIP) --upgrade pip || true; }; }
	$(PIP) --no-compile -r $(1)
	$(PIP) --no-deps --editable .
	@touch $@
endef

$(VENV)/.for-use: requirements.lock pyproject.toml
	$(call install,requirements.lock)

$(VENV)/.for-checks: requirements-dev.lock pyproject.toml
	$(call install,requirements-dev.lock)

lint: $(VENV)/.for-checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.for-checks
	$(BIN)/mypy

imports: $(VENV)/.for-checks
	$(BIN)/lint-imports --no-cache

test: test-core test-rest

# slipcover counts lines and branches in hardly any time (coverage.py doubles it here). It and pytest warn of each other: only core is counted.
test-core: $(VENV)/.for-checks
	$(BIN)/python -W ignore::RuntimeWarning:slipcover.importer -m slipcover --branch --source core --skip-covered --fail-under 95 \
		-m pytest tests/core -W ignore::pytest.PytestAssertRewriteWarning

# The tests of a file share a process, and what was made for them; files begin in the order of tests/conftest.py.
test-rest: $(VENV)/.for-checks tools
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --ignore tests/core

# The long form; the short one is in make test.
crash: $(VENV)/.for-checks
	$(BIN)/python -m tests.crash --scenarios 50000

bench: $(VENV)/.for-checks
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench_workbooks
	$(BIN)/python -m tests.bench_reading
	$(BIN)/python -m tests.bench_psa
	$(BIN)/python -m tests.bench_annotating
	$(BIN)/python -m tests.bench_addin

pictures: $(VENV)/.for-checks
	$(BIN)/python docs/make_pictures.py

# Written without a registry's address, so that it installs from whichever one a machine knows.
lock: $(VENV)/.for-checks
	$(PIP) uv
	$(COMPILE) --extra server --output-file requirements.lock pyproject.toml
	$(COMPILE) --all-extras --output-file requirements-dev.lock pyproject.toml

# Microsoft's Open XML SDK, for the tests that let it judge our workbooks. "install", because "ci" wants the builds of all systems.
tools: $(TOOLS)/node_modules/.for-checks

$(TOOLS)/node_modules/.for-checks: $(TOOLS)/package.json $(TOOLS)/package-lock.json
	@if ! command -v npm >/dev/null; then echo "there is no npm: tests that need its packages are skipped"; \
	elif npm install --prefix $(TOOLS) --ignore-scripts --no-save --no-audit --no-fund --loglevel=error; then touch $@; \
	else echo "npm could not install: tests that need its packages are skipped"; fi

# Programs that tests use for real. On a machine without them those tests are skipped, and say so. Debian's npm only where none is.
system-packages:
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		python3-venv libreoffice-calc python3-uno poppler-utils fonts-dejavu-core fonts-liberation2 postgresql \
		$$(command -v npm >/dev/null || echo nodejs npm)
	$(MAKE) tools

clean:
	rm -rf $(VENV) $(TOOLS)/node_modules demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
