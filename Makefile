# Python that builds the virtual environment may be named: make PYTHON=/path/to/python3 …
STACK ?= staging
BASE ?= $(shell git rev-parse --quiet --verify origin/main >/dev/null && echo origin/main || echo HEAD)

PY := .venv/bin/python

# Some images turn bytecode off; without it every command compiles the generated SDKs again, which takes seconds.
export PYTHONDONTWRITEBYTECODE :=
READY := .venv/.ready

.PHONY: help setup up preview diff destroy outputs export graph lint types format test bench golden clean

help: ## List these targets
	@echo "make TARGET [STACK=staging|prod]"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(READY) ## Make the virtual environment and the Pulumi engine ready
	@$(PY) -m rehearsal engine

$(READY): pyproject.toml uv.lock tools/bootstrap.sh tools/uv.txt
	@sh tools/bootstrap.sh
	@touch $@

up: ## Rehearse `pulumi up` of STACK on stand-in clouds
preview: ## Show what `make up` would do, and what the policies say
destroy: ## Remove everything of a rehearsed STACK
outputs: ## Print the outputs of a rehearsed STACK
export: ## Print the state of a rehearsed STACK
graph: ## Draw STACK as a Mermaid picture
up preview destroy outputs export graph: $(READY)
	@$(PY) -m rehearsal $@ $(STACK)

diff: $(READY) ## Show what changes in every stack since BASE (default origin/main, else HEAD)
	@$(PY) -m rehearsal diff $(BASE)

lint: $(READY) ## Check style and common mistakes
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check

types: $(READY) ## Check types
	@$(PY) -m basedpyright

format: $(READY) ## Put the code into its standard form
	@$(PY) -m ruff check --fix
	@$(PY) -m ruff format

test: setup lint types ## Run every check and test, with the coverage gate
	@$(PY) -m pytest -n 2 --dist loadscope --cov

bench: setup ## Measure the rehearsal
	@$(PY) -m benchmarks.rehearsal

golden: setup ## Write the golden inventories anew
	@$(PY) -m rehearsal golden

clean: ## Remove what was made in this folder; the engine stays in the user's cache
	@rm -rf .venv .rehearsal .cache .pytest_cache .ruff_cache .hypothesis .coverage .coverage.* coverage.xml
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
