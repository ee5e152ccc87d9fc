# One line of a pipeline is one target. `make help` lists them.

# Settings: give them on the command line or in the environment, for example `make build COMPANY=acme`.
COMPANY ?= company
REGISTRY ?=
PYTHON ?=
COLLECTOR ?= http://otel-collector:4318
CA_BUNDLE ?=
TRUST_CA ?=
TAG ?=
IMAGE ?=
ARGS ?=
ONLY ?=
SHAPES ?= all
export COMPANY REGISTRY PYTHON COLLECTOR CA_BUNDLE TRUST_CA TAG SHAPES

BIN := .venv/bin
SHELL_SCRIPTS := ci/clean.sh ci/engine.sh ci/setup.sh images/install/one-date.sh .ci/run

.DEFAULT_GOAL := help
.PHONY: help setup engine build verify-tracing lint check test shapes w3c bench bench-fleet clean lock

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  Settings: COMPANY REGISTRY PYTHON COLLECTOR CA_BUNDLE TRUST_CA TAG; IMAGE, ARGS, ONLY and SHAPES of some targets"

setup:
	@ci/setup.sh

engine: setup ## a Docker Engine that answers: the one that runs, else installed and started
	@ci/engine.sh
	@$(BIN)/python -m buildkit engine

build: setup ## the base image $(COMPANY)/python-service
	@ci/engine.sh
	@$(BIN)/python -m buildkit build

verify-tracing: $(if $(IMAGE),setup,build) ## prove that services on the base are traced; IMAGE=name:tag for one of yours
	@ci/engine.sh
	@$(BIN)/python -m buildkit verify $(ARGS) $(IMAGE)

lint: setup
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@contracts=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$contracts"; exit 1; }
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/shellcheck $(SHELL_SCRIPTS)

check: lint ## everything that needs no Docker: format, lint, types, import contracts, unit tests
	@$(BIN)/pytest -q -n auto tests/unit

test: lint build ## the whole test suite; SHAPES=some for every tenth shape of a group
	@$(BIN)/pytest -m "not slow" tests

shapes: build ## every shape of service, traced and untraced, in the real image; ONLY=text for some
	@$(BIN)/python -m tests.shapes $(ARGS) $(ONLY)

w3c: build ## the public W3C suite over Flask and Starlette in the image; SUITE=checkout of w3c/trace-context
	@$(BIN)/python -m tests.w3c $(SUITE)

bench: build ## what tracing costs, bare against ours against opentelemetry-instrument
	@$(BIN)/python -m tests.bench $(ARGS)

bench-fleet: engine ## a thousand services in a local registry: status and rebase of all, requests an image
	@$(BIN)/python -m tests.bench_fleet $(ARGS)

lock: setup ## requirements.lock anew from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --extra dev --no-header pyproject.toml -o requirements.lock

clean: ## caches, the virtualenv, the images that we built
	@ci/clean.sh
