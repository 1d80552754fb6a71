# `make demo` and `make test` set up all they need; they want Python 3.11 and nothing else.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
HEAT_VENV ?= .venv-heat
CLOUD_VENV ?= .venv-cloud
CLOUD ?= .cloud
BIN = $(VENV)/bin
PYTEST = $(BIN)/python -m pytest -q
# An engine waits more than it computes: two processes share its tests.
SHARED = --numprocesses 2 --dist worksteal
LAB = PYTHONPATH=tests $(BIN)/python -m cloud.lab

# What of the tests runs on a cluster: what is about the engine's course, and its end.
ON_CLUSTER = $(addprefix tests/properties/test_,$(addsuffix _on_engine.py,graphs nests sessions lives)) \
  tests/engine/test_stops.py tests/engine/test_succession.py
ON_CLUSTER_TOO = tests/cluster/test_ending.py tests/properties/test_sessions_on_engine.py \
  -k 'ending or killed or people_do'
SOAK_MINUTES ?= 60

.PHONY: demo test test-in-turn lint test-unit test-engine test-heat test-cloud cloud cloud-down \
  test-cluster cluster-suites cluster-faults soak test-fuzz benchmark golden docs types wheel \
  clean sizing test-ui pictures terminal-pictures dashboard

demo: $(VENV)/.engine
	@WFBREAK=$(BIN)/wfbreak sh examples/three-tier/demo.sh

test: lint test-unit
	$(PYTEST) $(SHARED) tests/engine tests/cli tests/properties

# What wants both cores, one after another.
test-in-turn:
	$(MAKE) test
	$(MAKE) test-cluster
	$(MAKE) test-engine

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-unit: $(VENV)/.test
	$(PYTEST) --ignore=tests/engine --ignore=tests/cli --ignore=tests/properties \
	  --ignore=tests/heat --ignore=tests/cloud --ignore=tests/cluster --ignore=tests/ui tests

# The random suites on the real engine once more, with many more examples.
test-engine: $(VENV)/.test
	HYPOTHESIS_PROFILE=full $(PYTEST) $(SHARED) --timeout 1200 tests/properties

# Ten thousand inputs for each part of the front end, under limits of memory and time.
test-fuzz: $(VENV)/.test
	FUZZ_EXAMPLES=10000 $(PYTEST) --timeout 900 tests/fuzz

# Heat itself as the judge, in an interpreter of its own (its libraries are not wfbreak's).
test-heat: $(VENV)/.test $(HEAT_VENV)/.heat
	HEAT_PYTHON=$(HEAT_VENV)/bin/python $(PYTEST) tests/heat

# A whole OpenStack on loopback, brought up for the tests and ended with them. On a Debian without
# MariaDB and RabbitMQ it must be root, and installs them.
test-cloud: $(VENV)/.test $(CLOUD_VENV)/.cloud
	$(LAB) packages
	CLOUD_VENV=$(CLOUD_VENV) $(PYTEST) tests/cloud

# The same cloud, left up: WFBREAK_TEST_CLOUD=.cloud .venv/bin/python -m pytest tests/cloud
cloud: $(VENV)/.test $(CLOUD_VENV)/.cloud
	$(LAB) packages
	$(LAB) up $(CLOUD) --venv $(CLOUD_VENV)

# Of it Keystone, Mistral and Horizon alone: the dashboard, to be looked at. In half a minute.
dashboard: $(VENV)/.test $(CLOUD_VENV)/.cloud
	$(LAB) packages
	$(LAB) up $(CLOUD) --venv $(CLOUD_VENV) --dashboard

cloud-down: $(VENV)/.test
	$(LAB) down $(CLOUD)

# Two APIs, two engines, two executors, and whatever can happen to them; as root, for one engine is
# on a network of its own. On a Debian without the databases and RabbitMQ it installs them.
test-cluster: $(VENV)/.cluster
	PYTHONPATH=tests $(BIN)/python -m cluster packages
	$(MAKE) --jobs 2 --output-sync=target cluster-suites cluster-faults

cluster-suites: $(VENV)/.cluster
	WFBREAK_TEST_CLUSTER=postgresql HYPOTHESIS_PROFILE=cluster $(PYTEST) --timeout 900 $(ON_CLUSTER)
	WFBREAK_TEST_CLUSTER=mariadb HYPOTHESIS_PROFILE=cluster $(PYTEST) --timeout 900 $(ON_CLUSTER_TOO)

cluster-faults: $(VENV)/.cluster
	$(PYTEST) tests/cluster

# The report and `wfbreak ui` in a real Chromium: every control, by keyboard alone too, and what axe
# finds. And a real Horizon in it, which is brought up for that, as test-cloud does with the whole;
# its pictures are in .dashboard-pictures. On a Debian without Chromium, MariaDB or RabbitMQ it must
# be root, and installs them.
test-ui: $(VENV)/.ui $(CLOUD_VENV)/.cloud
	PYTHONPATH=tests $(BIN)/python -m ui packages
	$(LAB) packages
	CLOUD_VENV=$(CLOUD_VENV) $(PYTEST) tests/ui

# The same faults in a loop; what came of it is written into docs/soak.md.
soak: $(VENV)/.cluster
	PYTHONPATH=tests $(BIN)/python -m cluster packages
	PYTHONPATH=tests $(BIN)/python -m cluster.soak --minutes $(SOAK_MINUTES) --page docs/soak.md

# wfbreak and its peers, measured side by side into docs/benchmarks.md: most of an hour.
# BENCHMARK="--quick" is a look, "--resume" goes on, "--render" measures nothing; --help has more.
benchmark: $(VENV)/.test $(CLOUD_VENV)/.cloud
	$(LAB) packages
	PYTHONPATH=tests $(BIN)/python -m benchmarks --venv $(CLOUD_VENV) $(BENCHMARK)

# What a cluster carries, measured and simulated into docs/sizing.md: some ten minutes, as root.
# SIZING="--model" only simulates again, "--render" only writes the page.
sizing: $(VENV)/.test $(VENV)/.cluster
	PYTHONPATH=tests $(BIN)/python -m benchmarks.sizing $(SIZING)

golden: $(VENV)/.test
	UPDATE_GOLDEN=1 $(PYTEST) tests/translate/test_golden.py

# A page for each diagnostic, from wfbreak/rules.py.
docs: $(VENV)/.test
	$(BIN)/python docs/generate.py

# The pictures of the documentation, of the example on a real engine, and in a real Horizon.
pictures: $(VENV)/.ui $(CLOUD_VENV)/.cloud
	PYTHONPATH=tests $(BIN)/python -m ui packages
	$(LAB) packages
	PYTHONPATH=tests $(BIN)/python docs/pictures.py
	PYTHONPATH=tests $(BIN)/python docs/terminal_pictures.py
	PYTHONPATH=tests $(BIN)/python docs/dashboard_pictures.py $(CLOUD_VENV)

# Those of the terminal alone: no browser and no cloud are needed for them.
terminal-pictures: $(VENV)/.test
	PYTHONPATH=tests $(BIN)/python docs/terminal_pictures.py

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

$(VENV)/.cluster: tests/cluster/requirements.txt $(VENV)/.test
	$(BIN)/pip install --quiet --requirement tests/cluster/requirements.txt
	touch $@

# Of the last, axe.min.js is all that is wanted: not Playwright, which it asks for.
$(VENV)/.ui: tests/ui/requirements.txt $(VENV)/.test
	$(BIN)/pip install --quiet --requirement tests/ui/requirements.txt
	$(BIN)/pip install --quiet --no-deps 'axe-playwright-python>=0.1.8'
	touch $@

$(HEAT_VENV)/.heat:
	$(PYTHON) -m venv $(HEAT_VENV)
	$(HEAT_VENV)/bin/pip install --quiet --upgrade pip
	$(HEAT_VENV)/bin/pip install --quiet openstack-heat==27.0.1 python-heatclient
	touch $@

$(CLOUD_VENV)/.cloud: tests/cloud/lab/requirements.txt $(wildcard tests/cloud/lab/drivers/*.* tests/cloud/lab/drivers/*/*.py)
	$(PYTHON) -m venv $(CLOUD_VENV)
	$(CLOUD_VENV)/bin/pip install --quiet uv
	$(CLOUD_VENV)/bin/uv pip install --quiet --python $(CLOUD_VENV)/bin/python \
	  --requirement tests/cloud/lab/requirements.txt \
	  --reinstall-package wfbreak-lab-drivers ./tests/cloud/lab/drivers
	touch $@

clean: $(if $(wildcard $(CLOUD)),cloud-down)
	rm -rf .cluster-* .cloud-ui .dashboard-pictures $(VENV) $(HEAT_VENV) $(CLOUD_VENV) $(CLOUD) .cloud-tests .cloud-bench build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
