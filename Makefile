# Two commands on a fresh machine: `make demo` and `make test`. Each sets up .venv by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The rival of `make bench` whose packages ours do not go with.
DBT := build/dbt
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# One more than there are cores: many tests wait for a process of their own.
WORKERS := $(shell expr $$(nproc) + 1)

.PHONY: demo test faults faults-long test-offline sbom audit licences check nightly bench pictures pages notebooks release ui clean help screens

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(VENV)/runtime.stamp: requirements.lock pyproject.toml
	@echo "Setting up $(VENV) (once, a minute or two) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "minzheng: cannot make a virtual environment; on Debian install python3-venv" >&2; exit 1; }
	@$(PIP) install --no-deps --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml $(VENV)/runtime.stamp
	@echo "Adding what the tests need ..."
	@$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/notebooks.stamp: requirements-notebooks.lock $(VENV)/runtime.stamp
	@echo "Adding Jupyter ..."
	@$(PIP) install --no-deps --require-hashes -r requirements-notebooks.lock
	@touch $@

demo: $(VENV)/runtime.stamp ## Simulate a county, run its months, publish, say where to look
	@$(BIN)/minzheng demo

test: $(VENV)/dev.stamp ## Run the tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-offline: $(VENV)/dev.stamp ## Run the tests where no network exists, not even by mistake
	@unshare --map-root-user --net sh -c 'ip link set lo up 2>/dev/null || $(BIN)/python sbom/loopback.py; exec $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder'

sbom: $(VENV)/dev.stamp ## Write the bill of materials (CycloneDX) of what users install, from the lock alone
	@mkdir -p build
	@$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible -o build/minzheng.cdx.json requirements.lock
	@echo "build/minzheng.cdx.json"

audit: $(VENV)/dev.stamp ## Look for known holes; fails when a package could not be looked up
	@$(BIN)/python sbom/audit.py

licences: $(VENV)/dev.stamp ## List the licences of what users install in docs/licences.md
	@$(BIN)/python sbom/licences.py

check: $(VENV)/dev.stamp ## Check style; never edits
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.style
	@$(BIN)/minzheng check-contracts

faults: $(VENV)/dev.stamp ## Kill, fill the disk, fail calls to it: a month of work must bear it (docs/faults.md)
	@$(BIN)/python -m tests.operations.faults

faults-long: $(VENV)/dev.stamp ## The same with 200 kills and every fifth call to the disk (within an hour)
	@$(BIN)/python -m tests.operations.faults --long

nightly: $(VENV)/dev.stamp ## The long forms of the tests
	@$(BIN)/python -m pytest --run-nightly

$(DBT)/stamp: benchmarks/dbt/requirements.lock
	@echo "Setting up dbt in $(DBT) (once) ..."
	@test -x $(DBT)/bin/python || $(PYTHON) -m venv $(DBT)
	@$(DBT)/bin/python -m pip --disable-pip-version-check --quiet install --no-deps --require-hashes -r $<
	@touch $@

bench: SIZE ?= county
bench: $(VENV)/dev.stamp ## The whole work beside its rivals, with ratios and goals (SIZE=county, prefecture or province)
	@$(MAKE) --no-print-directory $(DBT)/stamp || echo "dbt could not be installed: it is left out" >&2
	@MINZHENG_DBT=$(CURDIR)/$(DBT)/bin/dbt $(BIN)/python -m benchmarks.whole $(SIZE)

pictures: DEMO ?= $(CURDIR)/home
pictures: $(VENV)/dev.stamp ## Take the pictures of docs/ anew: the Dagster UI, a page and the report of DEMO's newest release (needs chromium, poppler-utils)
	@$(BIN)/python -m pytest -n 0 tests/pipelines/test_browser.py --take-pictures
	@chromium --headless --no-sandbox --hide-scrollbars --window-size=1280,960 --screenshot=docs/pictures/page.png $(DEMO)/published/latest/bureau/site/index.html
	@pdftoppm -png -singlefile -f 1 -r 60 $(DEMO)/published/latest/bureau/report.pdf docs/pictures/report

screens: DEMO ?= $(CURDIR)/home
screens: $(VENV)/dev.stamp ## Take every kind of page of DEMO's newest release at 1280 and 390 px into build/screens (needs chromium)
	@$(BIN)/python -m tests.site.screens $(DEMO)/published/latest/bureau/site build/screens
	@echo "build/screens"

pages: $(VENV)/runtime.stamp ## Make the pages of docs/ that follow from the contracts
	@$(BIN)/python -m minzheng.publish.handbook

notebooks: export MINZHENG_HOME ?= $(CURDIR)/home
notebooks: $(VENV)/notebooks.stamp ## Open the notebooks in Jupyter, on the home's newest release
	@$(BIN)/jupyter lab --notebook-dir notebooks $(if $(filter 0,$(shell id -u)),--allow-root)

release: $(VENV)/runtime.stamp ## Build the wheel and the offline bundle in dist/, signed
	@$(BIN)/python -m deploy.bundle.build --to dist

ui: $(VENV)/runtime.stamp ## The Dagster UI on 127.0.0.1:3000
	@$(BIN)/minzheng ui

clean: ## Remove the environment and caches, never a home
	@rm -rf $(VENV) .pytest_cache .ruff_cache *.egg-info
