# `make demo` and `make test` set up everything they need; only Python 3.11+ (with venv) and make are asked for.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
WORKERS ?= auto
# The models' matrices are small: threads of the linear algebra only get in each other's way.
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: setup demo playground test cover lint bench run lock clean

setup: $(STAMP)

$(STAMP): requirements-dev.lock requirements-uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Muster needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.11 setup"; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Installing the locked packages into .venv (a minute or two the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-uv.lock
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements-dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: setup
	@$(BIN)/muster demo

playground: setup
	@$(BIN)/muster playground

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Import contracts are tests (tests/architecture).  Skipped tests are listed with their reasons at the end.
test: lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

# Apart, as measuring which lines are run makes the tests take two thirds longer.
cover: setup
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --cov --cov-report=term $(ARGS)

bench: setup
	$(BIN)/python -m tests.benchmarks

run: setup
	$(BIN)/muster run

# The lock files carry hashes and no index addresses.  What is installed is what was tested: the tests' versions
# bind those of the product.
COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --universal --python-version 3.11 --no-header
lock:
	$(COMPILE) pyproject.toml --extra dev -o requirements-dev.lock
	$(COMPILE) pyproject.toml -c requirements-dev.lock -o requirements.lock
	$(COMPILE) pyproject.toml --extra dev --extra peers -o requirements-peers.lock
	echo uv | $(COMPILE) - -o requirements-uv.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .coverage build ./*.egg-info
