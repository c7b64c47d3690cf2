# Everything lives in .venv; nothing else on the machine is touched.
PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
READY := .venv/ready
SUITES ?= suites/e2e suites/backend suites/wire
PROCESSES ?= 2
# Most tests wait for a call to go on in real time: six at once are what two cores bear (tests/conftest.py shares out).
TESTS_AT_ONCE ?= 6
RESULTS ?= results/e2e
# pabot looks for 'robot' on the PATH, and starts a server on port 8270, unless told otherwise.
PABOT = $(BIN)/pabot --command $(BIN)/python -m robot --end-command --no-pabotlib

.PHONY: help e2e e2e-ten stress test check lint types robocop suites coverage bench bench-bot bench-load bench-report docs wheel compiled uncompiled clean

help:  ## Show this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(READY): pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed: make PYTHON=python3.12')"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $(READY)

e2e: $(READY)  ## Run the acceptance suites against the reference bot; prints where the log is
	$(PABOT) --processes $(PROCESSES) --prerebotmodifier AudioSocketLibrary.Totals \
		--outputdir $(RESULTS) $(PABOT_OPTIONS) $(SUITES)

e2e-ten: $(READY)  ## Run suites/e2e ten times, a bot for each test, in random order (an hour)
	for run in 1 2 3 4 5 6 7 8 9 10; do \
		$(MAKE) e2e SUITES=suites/e2e PROCESSES=4 RESULTS=results/ten/$$run PABOT_OPTIONS='--testlevelsplit --randomize all' || exit 1; \
	done

stress: $(READY)  ## Run the stress suites, five minutes at most: which failed, ran out of time, crashed
	$(BIN)/python scripts/run_stress.py $(STRESS_OPTIONS)

test: $(READY)  ## Run all tests, with coverage
	$(BIN)/python -m pytest -n $(TESTS_AT_ONCE) --dist loadfile --no-loadscope-reorder --cov --cov-report=term --cov-report=xml
	$(BIN)/python -m coverage report --include='AudioSocketLibrary/protocol/*' --fail-under=100

check: lint types robocop  ## Lint, types, suites' style

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

robocop: $(READY)
	$(BIN)/robocop check suites resources
	$(BIN)/robocop format --check suites resources

bench: $(READY)  ## Measure our own error and pace, beside a C program (needs a C compiler)
	$(BIN)/python -m bench

bench-bot: $(READY)  ## Measure the reference bot under 1,000 calls, and what it understands of 200
	$(BIN)/python -m bench bot

bench-report: $(READY)  ## Measure what reports of 1,000 to 100,000 calls take (five minutes)
	$(BIN)/python -m bench.report

bench-load: $(READY)  ## Measure a load from one process beside a C program and gevent (a quarter of an hour)
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python -m bench load

LIBRARIES := AudioSocketLibrary $(addprefix AudioSocketLibrary.,uk Load ReferenceBot Server Wire)

docs: $(READY)  ## Keyword documentation as HTML
	mkdir -p results/docs
	for library in $(LIBRARIES); do $(BIN)/libdoc $$library results/docs/$$library.html || exit; done

wheel: $(READY)  ## Build the wheel
	$(BIN)/python -m build --wheel

compiled: $(READY)  ## Compile what runs for every media frame, in place (docs/compiled.md; needs a C compiler)
	@$(BIN)/python scripts/can_compile.py
	@$(MAKE) --no-print-directory uncompiled
	$(BIN)/python -m pip install --quiet --group compiled
	HATCH_BUILD_HOOKS_ENABLE=1 $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m AudioSocketLibrary --version

uncompiled:  ## Go back to pure Python
	rm -f AudioSocketLibrary/*/*.so AudioSocketLibrary/*/*.pyd *__mypyc*.so *__mypyc*.pyd

clean: uncompiled  ## Remove what make made
	rm -rf .venv dist build .coverage coverage.xml htmlcov .pytest_cache .mypy_cache .ruff_cache .robocop_cache .hypothesis
