# Makefile - the few commands people type; Meson and Ninja do the work
# SPDX-License-Identifier: Apache-2.0

BUILD   ?= build
OPTIONS ?= --buildtype=release -Db_lto=true
PCAP    ?= data/captures/sample.pcap
SECONDS ?= 10
DATA    ?= $(DNSVIGIL_DATA)
DEPS    ?= yes
TESTS   ?=

C_FILES = $(shell find src include tests fuzz bench tools docs -name '*.[ch]')

.PHONY: build run test bench eval fuzz format lint clean install help deps dev-deps
build: $(BUILD)/build.ninja ## compile the program to build/dnsvigil
	@ninja -C $(BUILD) dnsvigil

run: build ## analyse PCAP=FILE (default: the sample capture), print its alerts and, in a terminal, serve them
	@mkdir -p $(BUILD)/run
	$(BUILD)/dnsvigil analyze --store $(BUILD)/run/alerts.db --output table $(PCAP)
	@test ! -t 1 || packaging/serve.sh $(BUILD)

test: $(BUILD)/build.ninja ## build and run every test; the last line counts them
	@ninja -C $(BUILD)
	@rm -f $(BUILD)/meson-logs/testlog.json
	@meson test -C $(BUILD) --no-rebuild --print-errorlogs $(TESTS) || true
	@python3 tests/summary.py $(BUILD)/meson-logs/testlog.json

bench: $(BUILD)/build.ninja ## measure against a bare walk over the same capture
	@meson test -C $(BUILD) --benchmark --verbose

eval: ## measure detection and false alarms on the labelled data of DATA=FOLDER
	@test -n "$(DATA)" || { echo "make eval: name a folder of labelled data: DATA=FOLDER"; exit 1; }
	@$(MAKE) --no-print-directory build
	@tools/evaluate/evaluate.py --program $(BUILD)/dnsvigil "$(DATA)"

fuzz: dev-deps ## run each fuzz target for SECONDS=10
	@test -f build-fuzz/build.ninja || CC=clang-14 meson setup build-fuzz -Dlibfuzzer=true \
		-Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-fsanitize=fuzzer-no-link
	@ninja -C build-fuzz
	@packaging/fuzz.sh build-fuzz $(SECONDS)

format: dev-deps ## let clang-format lay out all C files
	@clang-format-14 -i $(C_FILES)

lint: dev-deps $(BUILD)/build.ninja ## look for mistakes with cppcheck and clang's analyser
	@packaging/lint.sh $(BUILD)

install: $(BUILD)/build.ninja ## install to PREFIX (default /usr/local; DESTDIR is honoured)
	@ninja -C $(BUILD)
	@meson install -C $(BUILD) --no-rebuild

clean: ## remove all build folders
	@rm -rf build build-*

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

$(BUILD)/build.ninja: | deps
	@meson setup $(BUILD) $(if $(PREFIX),--prefix=$(PREFIX)) $(OPTIONS)

deps:
	@test $(DEPS) = no || packaging/install-deps.sh packaging/debian-deps.txt

dev-deps:
	@test $(DEPS) = no || packaging/install-deps.sh packaging/debian-deps.txt \
		packaging/debian-dev-deps.txt
