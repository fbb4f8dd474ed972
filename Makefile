# Longshore - an edge proxy for long-lived upgraded connections (WebSocket first) on Linux.
#
#   make run       build, then serve an echo origin behind the proxy on 127.0.0.1:8080 (Ctrl-C ends it)
#   make build     target/longshore.jar: everything in one file, started by bin/longshore
#   make test      every fast test: unit, contract, simulation, corpora, live sockets
#   make lint      format, Error Prone, Checkstyle, shell syntax; and compiles the micro benchmarks
#   make format    rewrite the sources as lint wants them
#   make system    the jar against nginx, node, Python and Chromium
#   make check     test, lint and system
#
#   make sim       long simulation: SEEDS=5000 fresh seeds, or the one that failed with SEED=687406395
#   make fuzz      each fuzz target for FUZZ_SECONDS=60; FUZZ='HeadParserFuzzTest' narrows them down by a pattern
#   make bench     Longshore beside HAProxy and nginx, half an hour; SCENARIO=idle-hold,small-100 for some of it
#   make bench-smoke    the same in a minute, on a scale at which numbers say nothing: does it run?
#   make bench-micro    what each part costs by itself (JMH, six minutes); MICRO='Timers|Lease' narrows it down by a
#                  pattern, MICRO_ARGS='-f 1 -i 1' is for JMH (-l lists, -h helps)
#   make native    the C programs of the tests, into target/native
#   make deps      install what all of this needs (on Debian and Ubuntu, as root); everything but system is content with a
#                  JDK, Maven and gcc
#   make clean     remove target
#
#   make sysctl-check   what applying the kernel settings in sysctl would change; writes nothing, fails where it differs
#   make sysctl-apply   apply them until the next boot; SYSCTL='1m --persist' takes another size, and for good
#
# One test:        mvn test -Dtest=PagesTest     (or -Dtest='PagesTest#lendsWhatItGot')
# Another JDK:     JAVA_HOME=/path/to/jdk make test
# More for Maven:  make test MVN_ARGS=-o
# In CI=true a skipped test is a failure.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help run build test lint format system check sim fuzz bench bench-smoke bench-micro peers native deps tools clean sysctl-check sysctl-apply

SEEDS ?= 5000
SEED ?=
FUZZ ?= .
FUZZ_SECONDS ?= 60
MICRO ?=
MICRO_ARGS ?=
SYSCTL ?=
CC := gcc
CFLAGS := -O2 -Wall -Wextra -Werror
MVN := mvn -B -ntp $(MVN_ARGS)
JAR := target/longshore.jar
NATIVE := $(patsubst native/%.c,target/native/%,$(wildcard native/*.c))

# The folders count as well: their time changes when a file in them is removed.
SOURCES := pom.xml LICENSE $(shell find src/main sysctl)

# Runs Maven with the arguments $(2) and shows its output without the chatter, but with Surefire's totals. $(1) names the
# log. A run without a test is a failure: a misspelt tag or pattern would pass for ever.
define tests
	@mkdir -p target
	@$(MVN) $(2) 2>&1 | tee target/$(1).log | sed -u -n -e 's/\x1b\[0m//g' -e '/^\[INFO\] *Tests run:/p' -e '/^\[INFO\]/!p'
	@grep -qE 'Tests run: [1-9]' target/$(1).log || { echo "make: $(1) ran no test" >&2; exit 1; }
	@if [ "$${CI:-}" = true ] && grep -qE 'Tests run:.* Skipped: [1-9]' target/$(1).log; then \
	    echo "make: $(1) skipped a test" >&2; exit 1; \
	fi
endef

help:
	@sed -n -e '/^#/!q' -e 's/^# \{0,1\}//p' Makefile

run: build
	@exec bin/longshore demo

build: $(JAR)

$(JAR): $(SOURCES) | tools
	@$(MVN) -q package -Dmaven.test.skip=true
	@touch $@

test: native | tools
	$(call tests,test,test)

lint: | tools
	@$(MVN) -q -Plint test-compile checkstyle:check spotless:check
	@$(MVN) -q -Pmicro test-compile
	@for script in bin/longshore .ci/run $(wildcard src/test/system/*.sh); do bash -n $$script; done

format: | tools
	@$(MVN) -q spotless:apply

system: build native deps
	$(call tests,system,test -Dtest.groups=system -Dtest.excludedGroups=)

check: test lint system

sim: | tools
	$(call tests,sim,test -Dtest=SimulationTest -Dlongshore.sim.seeds=$(SEEDS) $(if $(SEED),-Dlongshore.sim.seed=$(SEED)))

# Jazzer fuzzes one target a process. What it finds lands beside the corpus, in src/test/resources/.../CLASSInputs/METHOD
# where there is that folder and as crash-... here where there is not: commit it with the fix. What merely covers new code
# stays in .cifuzz-corpus and is where the next run starts.
fuzz: | tools
	@targets=$$(find src/test/java -name '*.java' -exec awk ' \
	        FNR == 1 { class = FILENAME; sub(".*/", "", class); sub("[.]java", "", class); marked = 0 } \
	        /^ *@FuzzTest/ { marked = 1 } \
	        marked && match($$0, /void +[A-Za-z0-9_]+ *[(]/) { \
	            method = substr($$0, RSTART + 5, RLENGTH - 6); gsub(" ", "", method); print class "#" method; marked = 0 \
	        }' {} + | grep -E -- '$(FUZZ)' | sort) || { echo "make: no fuzz target matches $(FUZZ)" >&2; exit 1; }; \
	broken=; \
	for target in $$targets; do \
	    echo "== $$target for $(FUZZ_SECONDS) s"; \
	    JAZZER_FUZZ=1 $(MVN) -q test -Dtest="$$target" -Dtest.jazzerHooks=true \
	            -Djazzer.max_duration=$(FUZZ_SECONDS)s 2>&1 \
	        | sed -u -e '/^INFO: Loaded/d' -e '/^INFO: Instrumented/d' || broken="$$broken $$target"; \
	done; \
	[ -z "$$broken" ] || { echo "make: broken by their fuzzer:$$broken" >&2; exit 1; }

sysctl-check: build
	@bin/longshore sysctl diff $(filter-out -%,$(SYSCTL))
	@bin/longshore sysctl verify $(filter-out -%,$(SYSCTL))

sysctl-apply: build
	@bin/longshore sysctl apply $(SYSCTL)

# The measurements of README: every scenario, or SCENARIO=idle-hold,small-100; on other programs with HAPROXY= and NGINX=;
# BENCH='--rounds 5' passes anything on.
bench: build native peers
	@exec bin/longshore bench $(if $(SCENARIO),--scenario $(SCENARIO)) $(bench-peers) $(BENCH)

bench-smoke: build native peers
	@exec bin/longshore bench --smoke $(if $(SCENARIO),--scenario $(SCENARIO)) $(bench-peers) --results target/bench $(BENCH)

bench-peers = $(if $(HAPROXY),--haproxy $(HAPROXY)) $(if $(NGINX),--nginx $(NGINX))

# HAProxy and nginx from the distribution, where they are missing and not named.
peers:
	@$(if $(and $(HAPROXY),$(NGINX)),:,sh src/test/system/install.sh peers)

# From JDK 23 on JMH needs a flag to be quiet, which older ones do not know.
bench-micro: | tools
	@$(MVN) -q -Pmicro test-compile
	@exec "$${JAVA_HOME:+$$JAVA_HOME/bin/}java" -XX:+IgnoreUnrecognizedVMOptions --sun-misc-unsafe-memory-access=allow \
	    -Xmx256m -cp "target/micro/test-classes:target/micro/classes:$$(cat target/micro/classpath)" \
	    io.longshore.micro.Main $(if $(MICRO),'$(MICRO)') $(MICRO_ARGS)

native: $(NATIVE)

target/native/%: native/%.c $(wildcard native/*.h native/*/*.h) | tools
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $<

deps: | tools
	@sh src/test/system/install.sh

# What building needs: a JDK of 17 or newer, Maven, gcc. What is missing is installed where that is one command and ours to
# give; what is there is never upgraded, and a JAVA_HOME that names the wrong JDK is for its owner to put right.
tools:
	@missing=; \
	javac=$${JAVA_HOME:+$$JAVA_HOME/bin/}javac; \
	release=$$("$$javac" -version 2>/dev/null | sed -n 's/^javac \([0-9]*\).*/\1/p' || true); \
	if [ "$${release:-0}" -lt 17 ]; then \
	    [ -z "$${JAVA_HOME:-}" ] || { echo "make: JAVA_HOME=$$JAVA_HOME is no JDK of 17 or newer" >&2; exit 1; }; \
	    missing="$$missing openjdk-17-jdk-headless"; \
	fi; \
	command -v mvn >/dev/null || missing="$$missing maven"; \
	command -v $(CC) >/dev/null || missing="$$missing gcc libc6-dev"; \
	[ -n "$$missing" ] || exit 0; \
	echo "make: a JDK of 17 or newer, Maven and gcc are needed; missing here:$$missing" >&2; \
	if [ "$$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then \
	    echo "make: installing them" >&2; \
	    export DEBIAN_FRONTEND=noninteractive; \
	    apt-get update -qq; \
	    apt-cache show openjdk-17-jdk-headless >/dev/null 2>&1 || missing=$${missing/openjdk-17/openjdk-21}; \
	    apt-get install -y -qq --no-install-recommends --no-upgrade $$missing; \
	else \
	    echo "make: on Debian or Ubuntu: sudo apt-get install$$missing" >&2; exit 1; \
	fi

clean:
	@rm -rf target
