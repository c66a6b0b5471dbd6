# Every target sets itself up: .venv from PyPI, no root, no other toolchain. `make help` lists them.

# The first Python that is new enough; python3 itself when none is, for its message.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
    $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && exit; \
  done; echo python3)
# Test processes side by side; one is best under a debugger: make test WORKERS=0
WORKERS ?= auto
# More for pytest or the benchmarks: make test ARGS="tests/registry -k tflite"
ARGS ?=

RUN := .venv/bin/python
RUNTIME := .venv/.set-up-runtime
DEVELOPMENT := .venv/.set-up-development
CHECKED := .typecheck/fitgraph tests scripts \
  $(patsubst %/,%,$(sort $(dir $(wildcard examples/*.py benchmarks/*.py))))

.NOTPARALLEL:
.PHONY: help set-up demo test test-slow test-browser check format format-check lint types \
  contracts docs wheel bench bench-anchors goldens coverage lock clean distclean

help:
	@echo 'make demo       from a model file and a board to proven firmware'
	@echo 'make test       the tests (slow ones: make test-slow)'
	@echo 'make test-browser  look at the pages in Chromium'
	@echo 'make check      format, lint, types, import contracts, tests, docs, wheel contents'
	@echo 'make bench      measure ingest, builds and generated code'
	@echo 'make bench-anchors  our figures beside those of other runtimes'
	@echo 'make goldens    write anew what firmware of real models takes; review the diff'
	@echo 'make docs       the vocabulary as HTML, what changed in it; check links and commands'
	@echo 'make format     format and sort imports'
	@echo 'make coverage   the tests with line and branch coverage'
	@echo 'make lock       write constraints.txt anew from pyproject.toml'
	@echo 'make clean      remove what was built; make distclean also removes .venv'

# --- set-up ---------------------------------------------------------------------------------------

$(RUNTIME): pyproject.toml constraints.txt scripts/set_up.py
	@$(PYTHON) scripts/set_up.py runtime

$(DEVELOPMENT): pyproject.toml constraints.txt scripts/set_up.py
	@$(PYTHON) scripts/set_up.py development

set-up: $(DEVELOPMENT)

# mypy knows a module by its path, so it gets one where the rooms lie inside `fitgraph`.
.typecheck/fitgraph:
	@mkdir -p $@
	@for room in ontology registry matcher compiler_bridge api; do \
	  ln -sfn ../../$$room $@/$$room; done

# --- what it is for -------------------------------------------------------------------------------

demo: $(RUNTIME)
	@$(RUN) examples/demo.py

bench: $(DEVELOPMENT)
	@$(RUN) -m benchmarks.run $(ARGS)

bench-anchors: $(DEVELOPMENT)
	@$(RUN) -m benchmarks.every_anchor $(ARGS)

# Instructions, code, SRAM and stack, in one file that the tests compare with.
goldens: $(DEVELOPMENT)
	$(RUN) -m pytest -q -n $(WORKERS) tests/compiler_bridge/test_golden_figures.py --update-goldens $(ARGS)

# --- checks, quick to slow ------------------------------------------------------------------------

# The tests include those of `docs` and `wheel`.
check: format-check lint types contracts test

format: $(DEVELOPMENT)
	$(RUN) -m ruff check --select I --fix --quiet
	$(RUN) -m ruff format

format-check: $(DEVELOPMENT)
	$(RUN) -m ruff format --check

lint: $(DEVELOPMENT)
	$(RUN) -m ruff check

types: $(DEVELOPMENT) | .typecheck/fitgraph
	$(RUN) -m mypy $(CHECKED)

contracts: $(DEVELOPMENT)
	$(RUN) -c 'from importlinter.cli import lint_imports_command as run; run()' --no-logo

docs: $(DEVELOPMENT)
	$(RUN) -m scripts.ontology_page build/docs
	$(RUN) -m pytest tests/test_documents.py tests/test_readme_commands.py $(ARGS)

wheel: $(DEVELOPMENT)
	$(RUN) -m pytest tests/test_wheel.py $(ARGS)

test: $(DEVELOPMENT)
	$(RUN) -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

# Few and long: an idle worker takes over what another one has not begun.
test-slow: $(DEVELOPMENT)
	$(RUN) -m pytest -n $(WORKERS) --dist worksteal -m slow --timeout 2400 $(ARGS)

# axe-core judges whether pages are accessible, Comunica asks the SPARQL endpoint; npm has no other use.
tests/browser/node_modules: tests/browser/package-lock.json
	npm ci --prefix tests/browser --ignore-scripts --no-audit --no-fund --silent
	@touch $@

# In one process: all tests share one browser, one server and one store.
test-browser: $(DEVELOPMENT) tests/browser/node_modules
	$(RUN) -m pytest -m browser tests/browser $(ARGS)

coverage: $(DEVELOPMENT)
	$(RUN) -m pytest -n $(WORKERS) --cov --cov-report=term $(ARGS)

# --- upkeep ---------------------------------------------------------------------------------------

# uv resolves for every Python and platform at once; it is needed for nothing else.
lock: $(DEVELOPMENT)
	$(RUN) -m pip install --quiet 'uv>=0.9'
	$(RUN) -m uv pip compile --quiet --upgrade --universal --python-version 3.11 --group dev \
	  --no-annotate --no-emit-index-url --custom-compile-command 'make lock' \
	  --output-file constraints.txt pyproject.toml

clean:
	rm -rf build dist .typecheck .mypy_cache .ruff_cache .pytest_cache .hypothesis \
	  .import_linter_cache .coverage .coverage.* *.egg-info
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

distclean: clean
	rm -rf .venv
