# The goals with a "##" are for people; `make` alone lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

CARGO ?= cargo
COMPOSE ?= docker compose
IMAGE ?= taglink

# The runner that developers like, if they have it; the one that everybody has otherwise.
CARGO_TEST = $(if $(shell $(CARGO) nextest --version 2>/dev/null),nextest run,test)

# The binary that the tests in tests/ start.
export TAGLINK_BIN ?= $(abspath $(or $(CARGO_TARGET_DIR),target))/debug/taglink

.PHONY: help run build test german suites check bench fmt openapi openapi-lint image up down up-mariadb down-mariadb clean

help: ## What can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 16

run: ## Runs the service (a quick build) with an embedded SQLite database in ./data
	$(CARGO) run --profile quick --locked --package taglink-http -- serve

build: ## Builds the program for daily use: target/release/taglink
	$(CARGO) build --release --locked --package taglink-http --bin taglink

test: openapi-lint ## Runs every test, on all three databases; installs what it needs when it may
	scripts/check-layering.sh
	$(CARGO) build --locked --package taglink-http --bin taglink
	TAGLINK_TEST_LANGUAGE=de scripts/with-databases.sh $(MAKE) --no-print-directory german
	scripts/with-databases.sh $(MAKE) --no-print-directory suites

# The contract of the repositories on servers whose messages are German.
german:
	$(CARGO) $(CARGO_TEST) --package taglink-repository --test contract --locked -- postgres mariadb

# The Rust tests come last, so that their result is what stands at the end. For the servers that the tests
# need, use `test`, or set the variables that scripts/with-databases.sh would set.
suites:
	npm test --prefix tests/browser
	npm test --prefix tests/clients
	npm test --prefix tests/typescript
	$(CARGO) $(CARGO_TEST) --workspace --locked

check: ## Checks format, lints, documentation and layering
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS=-Dwarnings $(CARGO) doc --no-deps --workspace --locked
	scripts/check-layering.sh

bench: ## Measures the release build beside its peers, and writes the results (needs wrk; see bench/run.sh)
	bench/run.sh

fmt: ## Formats the code
	$(CARGO) fmt --all

# By way of a second file: an error must not leave an empty document behind.
openapi: ## Writes openapi.json anew
	mkdir -p target
	$(CARGO) run --locked --package taglink-http -- openapi > target/openapi.json
	mv target/openapi.json openapi.json

openapi-lint: ## Checks openapi.json against the OpenAPI specification and Redocly's rules
	scripts/setup.sh
	target/openapi-venv/bin/openapi-spec-validator openapi.json
	npm run lint --silent --prefix tests/openapi

image: ## Builds the container image
	docker build --tag $(IMAGE) .

up: ## Starts the service with PostgreSQL in containers (settings: .env.example)
	$(COMPOSE) up --build --detach --wait

down: ## Stops them; the data stays in its volume
	$(COMPOSE) down

up-mariadb: ## Starts the service with MariaDB in containers
	$(COMPOSE) --file docker-compose.mariadb.yml up --build --detach --wait

down-mariadb: ## Stops them; the data stays in its volume
	$(COMPOSE) --file docker-compose.mariadb.yml down

clean: ## Removes what was built, not the data
	$(CARGO) clean
	rm -rf tests/{browser,clients,openapi,typescript}/node_modules tests/typescript/build
