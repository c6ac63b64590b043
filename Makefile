# Walras. `make` alone shows what there is.
.DEFAULT_GOAL := help
.PHONY: help demo serve stack stack-stop test check unit contracts bench soak audit setup setup-dev format clean
BIN := .venv/bin
# Contract tools and a node that may have come with them.
export PATH := $(CURDIR)/$(BIN):$(PATH)
ONCE ?=
ONLY ?=

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 14

setup: ## Make .venv and install Walras
	@sh scripts/venv.sh

setup-dev: ## The same with everything the tests need
	@sh scripts/venv.sh dev
	@sh scripts/node.sh
	@sh scripts/system.sh

demo: setup ## Run the two markets and leave the dashboard running (ONCE=1: exit after the report)
	@$(BIN)/walras demo $(if $(ONCE),--once) $(DEMO_FLAGS)

serve: setup ## Run a house on a development chain with funded keys
	@$(BIN)/walras serve

stack: ## Start Postgres and Redis on spare ports and print their addresses (data in .stack/)
	@sh scripts/stack.sh

stack-stop: ## Stop them; their data stays
	@sh scripts/stack.sh stop

test: setup-dev check ## Everything: checks, contract tests, Python tests, README blocks, examples
	@$(MAKE) --no-print-directory -j2 --output-sync=target contracts unit

check: ## Lint, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

contracts: ## Artifacts equal the sources; forge tests; gas snapshot
	$(MAKE) -C contracts check test snapshot-check PYTHON=$(CURDIR)/$(BIN)/python

unit: ## Python tests alone
	$(BIN)/python -m pytest -n 2

bench: setup-dev ## Benchmarks against peers (ONLY=name-prefix)
	$(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY))

soak: setup-dev ## Hostile input at length: many times the examples of make test, new ones each time (TIMES=25)
	@$(BIN)/python -m tests.soak $(if $(TIMES),--times $(TIMES))

audit: setup-dev ## Audit campaigns at full length (AUDIT="--short", AUDIT="--only halmos slither")
	@sh scripts/audit-venv.sh
	@cd contracts/audit/vectors && npm ci --ignore-scripts --no-audit --no-fund --silent
	@$(BIN)/python -m contracts.audit $(AUDIT)

format: ## Format the Python code
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

clean: ## Remove what make made
	rm -rf .venv contracts/out contracts/cache contracts/node_modules
