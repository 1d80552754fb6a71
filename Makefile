# `make demo` and `make test` set up all they need; they want Python 3.11 and nothing else.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
HEAT_VENV ?= .venv-heat
BIN = $(VENV)/bin
PYTEST = $(BIN)/python -m pytest -q

.PHONY: demo test lint test-unit test-engine test-heat test-fuzz benchmark golden docs types wheel clean

demo: $(VENV)/.engine
	@WFBREAK=$(BIN)/wfbreak sh examples/three-tier/demo.sh

test: lint test-unit
	$(PYTEST) tests/engine tests/cli tests/properties

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-unit: $(VENV)/.test
	$(PYTEST) --ignore=tests/engine --ignore=tests/cli --ignore=tests/properties \
	  --ignore=tests/heat tests

# The random suites on the real engine once more, with many more examples.
test-engine: $(VENV)/.test
	HYPOTHESIS_PROFILE=full $(PYTEST) --timeout 1200 tests/properties

# Ten thousand inputs for each part of the front end, under limits of memory and time.
test-fuzz: $(VENV)/.test
	FUZZ_EXAMPLES=10000 $(PYTEST) --timeout 900 tests/fuzz

# Heat itself as the judge, in an interpreter of its own (its libraries are not wfbreak's).
test-heat: $(VENV)/.test $(HEAT_VENV)/.heat
	HEAT_PYTHON=$(HEAT_VENV)/bin/python $(PYTEST) tests/heat

benchmark: $(VENV)/.test
	$(BIN)/python benchmarks/translate.py

golden: $(VENV)/.test
	UPDATE_GOLDEN=1 $(PYTEST) tests/translate/test_golden.py

# A page for each diagnostic, from wfbreak/rules.py.
docs: $(VENV)/.test
	$(BIN)/python docs/generate.py

# What Heat's resource types take and give, as data, from Heat itself.
types: $(HEAT_VENV)/.heat
	$(HEAT_VENV)/bin/python tests/heat/type_schemas.py schemas/types 2>/dev/null

wheel: $(VENV)/.test
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .

$(VENV)/.engine: setup.cfg pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("wfbreak needs Python 3.11 or later" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip setuptools
	$(BIN)/pip install --quiet -e '.[engine]'
	touch $@

$(VENV)/.test: $(VENV)/.engine
	$(BIN)/pip install --quiet -e '.[test,lint]'
	touch $@

$(HEAT_VENV)/.heat:
	$(PYTHON) -m venv $(HEAT_VENV)
	$(HEAT_VENV)/bin/pip install --quiet --upgrade pip
	$(HEAT_VENV)/bin/pip install --quiet openstack-heat==27.0.1 python-heatclient
	touch $@

clean:
	rm -rf $(VENV) $(HEAT_VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
