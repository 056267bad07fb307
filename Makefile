# The two commands are `make demo` and `make test`. Each installs what it needs, says so, and is quiet when nothing is
# missing.

SHELL := /bin/bash
BIN   := target/debug/countersign
WEB   := web/dist/index.html

.PHONY: help demo run docs test test-long check api-check check-lint check-types format bench web extension fuzz targets clean dist dist-test need-web need-extension need-demo need-test need-check

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: need-demo $(WEB) ## a throw-away vault with sample credentials
	@tools/build countersign
	@$(BIN) demo

run: need-demo $(WEB) ## the server on ./countersign-data
	@tools/build countersign
	@$(BIN) serve

docs: ## the handbook as pages with a search, in target/handbook
	@MDBOOK_LOG=warn tools/mdbook build docs/handbook
	@tools/doc-links target/handbook
	@echo "The handbook is at file://$(CURDIR)/target/handbook/index.html"

test: need-test $(WEB) ## all tests: rooms, command line, web app, and the page in a real browser
	@tools/cargo-test
	@cd web && npm test --silent
	@# With --tests, so that what the tests were linked from serves again: without, a second of each room would be compiled.
	@cargo build --quiet --workspace --tests --bin countersign --bin countersign-practice
	@cd extension && npm test --silent
	@$(MAKE) --no-print-directory extension
	@cd e2e && npm test --silent

test-long: need-test $(WEB) ## 200 layouts, 100 kills, a million walks, who may do what once more in Cedar, and the storms for longer: full disks, clocks that jump, databases that stop
	@COUNTERSIGN_STORM_ROUNDS=$(or $(ROUNDS),20) cargo test --quiet -p countersign-cli --test binary storms
	@cargo test --quiet -p countersign-store --test engine_postgres
	@cargo test --quiet -p countersign-vault --test vault storms
	@cargo test --quiet --manifest-path cedar/Cargo.toml
	@COUNTERSIGN_WALKS=1000000 cargo test --quiet --release -p countersign-walk --test any_site
	@COUNTERSIGN_LAYOUTS=200 COUNTERSIGN_MOMENTS=100 cargo test --quiet -p countersign-worker --test worker many_ -- --nocapture

check: need-web need-check ## spelling, format, clippy, links of documents, eslint, svelte-check, dependencies (licences, sources, unused ones), the rooms test
	@tools/typos --format brief
	@python3 tools/doc_links_test.py
	@tools/doc-links
	@cargo fmt --all --check
	@cargo fmt --manifest-path cedar/Cargo.toml --check
	@cargo clippy --quiet --workspace --all-targets -- --deny warnings
	@RUSTDOCFLAGS="--deny warnings" cargo doc --quiet --workspace --no-deps
	@$(MAKE) --no-print-directory --jobs 2 --output-sync check-lint check-types
	@cargo deny --log-level error check licenses bans sources
	@tools/npm-licences
	@tools/unused
	@tools/advisories
	@cargo test --quiet --workspace --test rooms

check-lint:
	@npm run --silent check

check-types:
	@cd web && npm run --silent check
	@cd e2e && npm run --silent check
	@cd extension && npm run --silent check

api-check: $(WEB) ## whether the API keeps to its description, asked as each role; some four minutes
	@tools/api-check

format: ## what `make check` asks for in Rust, TypeScript, Svelte and CSS
	@tools/need-node .
	@cargo fmt --all
	@npm run --silent format

bench: need-test $(WEB) ## figures and plots for docs/performance.md
	@cargo build --quiet --release -p countersign-cli -p countersign-bench
	@target/release/countersign-bench

# Applications to try against, each a folder with the scripts `up` and `down`. They are no part of the project: a folder
# of them may lie here or beside the clone.
TARGETS ?= $(firstword $(wildcard targets ../*/targets))
TIMES   ?= 10

FUZZ_SECONDS ?= 60

fuzz: ## each parser for FUZZ_SECONDS (60) with random bytes; with a nightly Rust where there is one
	@tools/need-cargo cargo-fuzz@0.13.2
	@tools/fuzz $(FUZZ_SECONDS)

targets: need-test ## changes of passwords at real applications, where TARGETS holds some
	@if [ -n "$(TARGETS)" ]; then cargo run --quiet -p countersign-worker --example drive -- targets "$(TARGETS)" $(TIMES); \
	else echo "no applications here: name their folder with TARGETS=…"; fi

dist: ## what is given away, into dist/: Debian package, tar.gz, bill of materials, sums; builds an optimised binary first
	@tools/dist dist

# A binary that is there already: make dist-test BINARY=…; WITHOUT_PAGES=1 for one without the commands `man` and `completions`.
BINARY ?= target/dist/release/countersign
DIST_TEST_FLAGS = $(if $(WITHOUT_PAGES),--without-pages)

dist-test: ## whether the package installs, runs, upgrades and goes; containers, compose and chart; the same bytes twice. As root
	@[ -x $(BINARY) ] || $(MAKE) --no-print-directory dist
	@tools/packaging-check $(wildcard dist/*.cdx.json)
	@tools/package-test $(DIST_TEST_FLAGS) $(BINARY)
	@tools/dist-twice --binary $(BINARY) $(DIST_TEST_FLAGS)

web: $(WEB) ## the web app alone

extension: need-extension ## the browser extension for Chromium and Firefox, as folders and zips in target/extension
	@cd extension && npm run --silent build

$(WEB): $(shell find web/src web/public docs/handbook/src -type f 2>/dev/null) web/index.html web/vite.config.ts web/handbook.ts web/package-lock.json
	@$(MAKE) --no-print-directory need-web
	@cd web && npm run --silent build -- --logLevel warn
	@touch $@

need-web:
	@tools/need cc:gcc make:make cmake:cmake
	@tools/need-node web

need-extension:
	@tools/need-node extension

need-demo: need-web
	@tools/need chromium:chromium
	@tools/need-fonts

need-check: need-extension
	@tools/need git:git python3:python3
	@tools/need-node . e2e
	@tools/need-cargo cargo-deny@0.20.2 cargo-machete@0.9.2

need-test: need-web need-extension
	@tools/need-node e2e
	@tools/need chromium:chromium oathtool:oathtool qrencode:qrencode zbarimg:zbar-tools initdb:postgresql ffmpeg:ffmpeg faketime:faketime strace:strace dbus-daemon:dbus-daemon

clean:
	@rm -rf target web/dist/assets web/dist/index.html node_modules web/node_modules e2e/node_modules extension/node_modules
