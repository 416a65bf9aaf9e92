# `make help` lists the targets. Each is one command that also stands in CONTRIBUTING.md.
.PHONY: help build check test test-fast ci demo bench soak docs lint deny dist release image clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

build: ## Compile the program for development
	cargo build --locked

check: ## Type-check everything, without linking
	cargo check --locked --all-targets

test: ## Run the whole test suite (about eight minutes)
	cargo test --locked

# What `test-fast` leaves out: the tests of tests/slow.txt, and unit tests that calculate long.
SLOW = $(shell grep -v '^\#' tests/slow.txt)
SLOW_UNITS = five_thousand_random_lines_never_panic whatever_happens_no_second_holds_too_much_and_no_closure_is_passed \
    at_the_paid_rate_no_second_at_telegram_has_more_than_a_thousand \
    no_sliding_minute_or_hour_holds_more_than_its_limit a_writer_that_hangs_is_no_sign_of_life_and_a_locked_database_is_one \
    other_edits_and_paid_messages_have_their_fields the_next_slot_comes_by_itself_after_good_and_bad_ones \
    five_hundred_spellings_in_five_countries_are_read_as_libphonenumber_reads_them \
    the_whole_tree_is_behind_the_gate
# In memory where there is a place for it: most of the others wait for the disk.
MEMORY = $(firstword $(wildcard /dev/shm) /tmp)

test-fast: ## Run the quick tests, three of four, in about 25 seconds
	TMPDIR=$(MEMORY) cargo test --locked --lib -- $(SLOW_UNITS:%=--skip %)
	TMPDIR=$(MEMORY) RUST_TEST_THREADS=8 cargo test --locked --test suite -- --exact $(SLOW:%=--skip %)

ci: ## Run everything that main must pass
	bash .ci/run

demo: ## Play the shop against the built-in Telegram, without a token
	cargo run --release --locked -- demo

bench: ## Measure the figures of docs/benchmarks.md
	cargo bench --bench slice
	cargo bench --bench segments
	cargo bench --bench broadcasts
	cargo bench --bench api
	cargo build --profile dist --locked
	benches/commands

soak: ## Run the heavy proofs with their full numbers (hours)
	.ci/soak

docs: ## Write the generated documents anew (OpenAPI, errors, metrics, schema, man, completions, snapshots)
	DVORIK_WRITE_DOCS=1 cargo test --locked --lib openapi::
	DVORIK_WRITE_DOCS=1 cargo test --locked --test suite document::
	DVORIK_WRITE_DOCS=1 cargo test --locked --test suite api::metrics
	cargo run --locked --quiet -- man -o man
	cargo run --locked --quiet -- man --lang ru -o man/ru
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

release: ## Build and pack a release into dist/, for both machines that install.sh knows
	scripts/release

image: ## Build the container image of this machine from dist/, after `make release`
	docker build -f contrib/container/Dockerfile -t dvorik dist

clean: ## Remove what was built: target/ and dist/
	cargo clean
	rm -rf dist
