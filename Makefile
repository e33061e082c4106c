# Every target is complete by itself on a fresh machine: it makes .venv, installs, runs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
export OMP_NUM_THREADS ?= 1

.PHONY: demo test lint format bench docs dist wheel-test clean

demo: $(INSTALLED)
	$(BIN)/cijkl predict examples/alpha-quartz.cif --html out/quartz-predicted.html --quiet
	$(BIN)/cijkl compute examples/alpha-quartz.cif --html out/quartz.html --json out/quartz.json
	@echo "The reports are out/quartz.html and out/quartz-predicted.html; open them in a browser."

test: $(INSTALLED)
	$(BIN)/python -m pytest -n auto --dist worksteal

lint: $(INSTALLED)
	$(BIN)/ruff check src tests benchmarks docs
	$(BIN)/ruff format --check src tests benchmarks docs
	$(BIN)/mypy src

format: $(INSTALLED)
	$(BIN)/ruff check --fix src tests benchmarks docs
	$(BIN)/ruff format src tests benchmarks docs

bench: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt ".[bench]"
	$(BIN)/python benchmarks/elasticity.py
	$(BIN)/python benchmarks/potential_batching.py
	$(BIN)/python benchmarks/relaxation.py
	$(BIN)/python benchmarks/response.py --no-relaxed
	$(BIN)/python benchmarks/throughput.py

docs: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt ".[docs]"
	$(BIN)/mkdocs build --strict

dist: $(INSTALLED)
	rm -rf dist
	$(BIN)/python -m hatchling build -t sdist -t wheel

# the wheel in an environment of its own, with all that it needs from the registry
wheel-test: dist
	rm -rf build/wheel-test
	$(PYTHON) -m venv build/wheel-test
	build/wheel-test/bin/python -m pip install --quiet --constraint constraints.txt "$$(ls dist/*.whl)[predict]"
	build/wheel-test/bin/python tests/packaging/installed.py build/wheel-test/bin/python

$(INSTALLED): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[all,test,lint]"
	touch $@

clean:
	rm -rf $(VENV) out site dist build
