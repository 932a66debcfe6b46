PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: help dev demo test lint type unit selftest kill-test fuzz coverage bench wheel wheel-test clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

dev: $(STAMP)  ## virtual environment with everything the other targets need
$(STAMP): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --upgrade "pip>=25.1"
	@$(PIP) install --editable . --group dev
	@touch $@

demo: $(STAMP)  ## reference supplier, run, sign, verify: the main job on this machine
	@$(BIN)/interop demo

test: lint type unit  ## what a change must pass
lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
type: $(STAMP)
	@$(BIN)/mypy
unit: $(STAMP)
	@$(BIN)/python -m pytest -q -n 4 --dist loadfile

selftest: $(STAMP)  ## every reference supplier passes, every named fault is caught
	@$(BIN)/interop selftest --quiet --jobs 2

kill-test: $(STAMP)  ## a hundred runs killed at a random moment, resumed and compared (docs/running.md has the result)
	@$(BIN)/python -m tests.execution.killing --times 100

assay: $(STAMP)  ## a sample of every profile's mutants and variants; kept figures must not be stale or below the floor
	@$(BIN)/interop assay --quiet --jobs 2 --sample 40 --variants 6
	@$(BIN)/interop assay --check-stale

assay-all: $(STAMP)  ## every mutant and the conforming variants each profile states; writes detection.json
	@$(BIN)/interop assay --quiet --jobs 2 --all --keep --notes .assay-notes
	@rm -f .assay-notes

fuzz: $(STAMP)  ## 100,000 mutations and every byte of a certificate; some minutes
	@INTEROP_FUZZ=full $(BIN)/python -m pytest -q tests/certificate/test_fuzz.py

coverage: $(STAMP)  ## line and branch coverage of the tests
	@$(BIN)/python -m coverage erase
	@$(BIN)/python -m coverage run -m pytest -q
	@$(BIN)/python -m coverage combine -q
	@$(BIN)/python -m coverage report

bench: $(STAMP)  ## the figures of the README, as ratios measured in one run
	@$(BIN)/python -m benchmarks

wheel: $(STAMP)
	@rm -rf dist && $(BIN)/python -m build --quiet --wheel --outdir dist .

wheel-test: wheel  ## the wheel, alone in an empty environment outside the checkout
	@sh tests/wheel.sh dist/*.whl "$(PYTHON)"

lowest:  ## the main job and its tests with the lowest versions that pyproject.toml allows
	@$(PYTHON) -m venv --clear .venv-lowest
	@.venv-lowest/bin/python -m pip --quiet --disable-pip-version-check install -c tests/lowest.txt --editable . respx
	@.venv-lowest/bin/interop demo --out $$(mktemp -d)/demo
	@.venv-lowest/bin/python -m pytest -q tests/execution/test_record.py tests/profile tests/certificate/test_page.py

clean:
	rm -rf $(VENV) .venv-lowest dist .mypy_cache .ruff_cache .pytest_cache .coverage*
