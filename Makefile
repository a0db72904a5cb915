# Two commands for everybody: `make demo` and `make test`. Both install what they need into .venv and nowhere else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CLIENTS := $(VENV)/clients
SHIPPED := $(VENV)/shipped
RELEASE := $(VENV)/release
INSTALL := -m pip install --quiet --disable-pip-version-check
TESTS ?=

.PHONY: demo test check unit pythons large hunt monkey kill bench bench-large lock docs pictures package sbom audit clean help

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/'

demo: $(VENV)/.runtime  ## start the sandbox on sample files and open the terminal UI on it
	@if [ -t 0 ] && [ -t 1 ]; then $(BIN)/ocsf-console demo; else $(BIN)/ocsf-console demo --headless; fi

test: check unit  ## everything that must pass

check: $(VENV)/.dev  ## lint, types, contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# One more than there are processors: many tests wait for a process or a socket.
WORKERS = $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )))

# Hundreds of tests start the command: each would compile it anew.
unit: export PYTHONDONTWRITEBYTECODE :=
unit: $(VENV)/.dev $(CLIENTS)/.installed  ## the tests alone
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(TESTS)

# A version is tested in an environment of its own. A command of that name may be pyenv's, which has no such version.
pythons:  ## the tests with every Python of this machine that is supported (long); of some files with TESTS="tests/…"
	@tested=; for version in 3.11 3.12 3.13; do \
		for python in $$(command -v python$$version) ~/.pyenv/versions/$$version.*/bin/python$$version; do \
			"$$python" -c 'import ssl, sqlite3' 2>/dev/null || continue; \
			echo "== $$("$$python" --version)"; \
			$(MAKE) --no-print-directory unit PYTHON="$$python" VENV=.venv-$$version || exit 1; \
			tested="$$tested $$version"; break; \
		done; \
	done; echo "Tested with Python$${tested:- of no version: there is none that is supported}."; test -n "$$tested"

large: $(VENV)/.dev  ## the tests that need files of gigabytes
	LARGE_FILES=1 $(BIN)/python -m pytest -o tmp_path_retention_policy=none --timeout 600 tests/faults -k large

hunt: $(VENV)/.dev  ## look long for what breaks a property, most of all for a record that two passes judge differently
	FAST_PASS_EXAMPLES=50 $(BIN)/python -m pytest -n auto --timeout 3600 tests/ocsf/test_fast.py tests/ocsf/test_run.py
	HUNT=1 $(BIN)/python -m pytest -n auto --timeout 3600 $$(grep -rlE 'hypothesis' tests --include='test_*.py')

monkey: $(VENV)/.dev  ## press keys, click and resize at random for two minutes
	MONKEY_SECONDS=120 MONKEY_SEED=$${MONKEY_SEED:-$$RANDOM$$$$} $(BIN)/python -m pytest -rP tests/screens/test_monkey.py

kill: $(VENV)/.dev  ## let a process die everywhere on a submission's way, and its disk fail (long)
	CRASH_EVERYWHERE=1 CRASH_EXAMPLES=500 $(BIN)/python -m pytest -n auto --timeout 7200 tests/submissions/crash

bench: $(VENV)/.bench  ## measure speed, as ratios within one run
	$(BIN)/python -m benchmarks

bench-large: $(VENV)/.bench  ## the same, with files of 1 GB
	$(BIN)/python -m benchmarks --large

lock:  ## write the lock files anew, with hashes and without the address of any index (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade \
		--group pyproject.toml:build pyproject.toml -o requirements/runtime.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--group pyproject.toml:build --group pyproject.toml:dev pyproject.toml \
		-c requirements/runtime.txt -o requirements/dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--group pyproject.toml:bench -c requirements/dev.txt -o requirements/bench.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--group pyproject.toml:clients --group pyproject.toml:clients-of-prowler -o requirements/clients.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--group pyproject.toml:release -o requirements/release.txt
	uv pip compile --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-deps \
		--group pyproject.toml:prowler -o requirements/prowler.txt

docs: $(VENV)/.dev  ## write the tables of docs anew, from the code
	$(BIN)/python -m docs.generate

package: $(VENV)/.dev  ## build the sdist and the wheel into dist/
	rm -f dist/*.whl dist/*.tar.gz
	$(BIN)/python -m hatchling build -d dist

sbom: $(SHIPPED)/.installed $(RELEASE)/.installed  ## list what a release is made of: dist/sbom.cdx.json, dist/licences.md
	$(RELEASE)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
		-o dist/sbom.cdx.json $(SHIPPED)/bin/python
	$(LICENCES) --format=markdown --with-urls --output-file=dist/licences.md

audit: $(SHIPPED)/.installed $(RELEASE)/.installed  ## look, offline, whether what is shipped fits together and may be shipped
	$(BIN)/python -m pip --python $(SHIPPED)/bin/python check
	$(LICENCES) --partial-match --allow-only='$(ALLOWED)' >/dev/null

LICENCES := $(RELEASE)/bin/pip-licenses --python=$(SHIPPED)/bin/python --order=license
ALLOWED := Apache;BSD;ISC;MIT;MPL-2.0;Mozilla Public License 2.0;PSF;Python Software Foundation;Unlicense

LOOKS := tests/screens/__snapshots__

pictures:  ## make the README's pictures from the recorded looks, without fonts from the network
	sed '/@font-face/,/}/d' '$(LOOKS)/test_records/test_look_of_the_list[wide].svg' > docs/pictures/records.svg
	sed '/@font-face/,/}/d' '$(LOOKS)/test_jobs/test_look_of_the_list[wide].svg' > docs/pictures/jobs.svg

clean:  ## remove what was installed and built
	rm -rf $(VENV) .venv-* dist build

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "ocsf-console needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3"; exit 2; }
	$(PYTHON) -m venv $(VENV)

# The project itself is installed in place, with the build tools that the lock file pins.
$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python $(INSTALL) --require-hashes -r requirements/runtime.txt
	$(BIN)/python $(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.dev
	$(BIN)/python $(INSTALL) --require-hashes -r requirements/bench.txt
	@touch $@

# Other people's clients, for the tests of the sandbox. Prowler is installed alone: its tests skip where that fails.
$(CLIENTS)/.installed: requirements/clients.txt requirements/prowler.txt | $(VENV)/bin/python
	$(BIN)/python -m venv $(CLIENTS)
	$(CLIENTS)/bin/python $(INSTALL) --require-hashes -r requirements/clients.txt
	$(CLIENTS)/bin/python $(INSTALL) --require-hashes --no-deps \
		-r requirements/prowler.txt || echo "Prowler could not be installed: the tests of its client will skip"
	@touch $@

# What users get, in the versions of the lock file, and nothing else: no pip, and not what builds the wheel.
$(SHIPPED)/.installed: requirements/runtime.txt package
	$(BIN)/python -m venv --clear --without-pip $(SHIPPED)
	sed -n 's/ *\\$$//; /^[a-z].*==/p' requirements/runtime.txt > $(SHIPPED)/constraints.txt
	$(BIN)/python -m pip --python $(SHIPPED)/bin/python install --quiet --disable-pip-version-check \
		-c $(SHIPPED)/constraints.txt dist/*.whl
	@touch $@

$(RELEASE)/.installed: requirements/release.txt | $(VENV)/bin/python
	$(BIN)/python -m venv $(RELEASE)
	$(RELEASE)/bin/python $(INSTALL) --require-hashes -r requirements/release.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	$(BIN)/python $(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@
