# `make help` lists the targets. Each is one command that also stands in CONTRIBUTING.md.
.PHONY: help build check test test-fast demo bench soak docs lint deny dist

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

build: ## Compile the program for development
	cargo build --locked

check: ## Type-check everything, without linking
	cargo check --locked --all-targets

test: ## Run the whole test suite (about ten minutes)
	cargo test --locked

test-fast: ## Run unit tests and the house rules only
	cargo test --locked --lib
	cargo test --locked --test suite architecture::

demo: ## Play the shop against the built-in Telegram, without a token
	cargo run --release --locked -- demo

bench: ## Measure the figures of docs/benchmarks.md
	cargo bench --bench slice
	cargo bench --bench segments
	cargo bench --bench broadcasts
	cargo bench --bench api

soak: ## Run the heavy proofs with their full numbers (hours)
	.ci/soak

docs: ## Write the generated documents anew (OpenAPI, errors, metrics, schema, man, completions, snapshots)
	DVORIK_WRITE_DOCS=1 cargo test --locked --lib openapi::
	DVORIK_WRITE_DOCS=1 cargo test --locked --test suite document::
	DVORIK_WRITE_DOCS=1 cargo test --locked --test suite api::metrics
	cargo run --locked --quiet -- man -o man
	for pair in bash:dvorik.bash zsh:_dvorik fish:dvorik.fish elvish:dvorik.elv powershell:_dvorik.ps1; do \
	    cargo run --locked --quiet -- completions "$${pair%%:*}" --lang ru >"completions/$${pair#*:}"; \
	done
	INSTA_UPDATE=always cargo test --locked --test suite -- cli::pages demo::a_newcomer

lint: ## Check format and lints, as .ci/run does
	cargo fmt --check
	cargo clippy --all-targets --locked -- -D warnings

deny: ## Check licences, sources and duplicates of the dependencies against deny.toml
	.ci/deny

dist: ## Build the program that is distributed: slower to build, smaller and faster
	cargo build --profile dist --locked
