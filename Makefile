PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test lint type selftest bench clean dev

dev: $(STAMP)
$(STAMP): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

demo: $(STAMP)  ## reference supplier, run, sign, verify
	@$(BIN)/interop demo
test: lint type $(STAMP)
	@$(BIN)/python -m pytest -q
lint: $(STAMP)
	@$(BIN)/ruff check .
type: $(STAMP)
	@$(BIN)/mypy
selftest: $(STAMP)
	@$(BIN)/interop selftest
bench: $(STAMP)
	@$(BIN)/python -m benchmarks
clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
