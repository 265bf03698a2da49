# One line for each target is enough to use it: `make help`.

PYTHON ?= python3
DATA_DIR ?= .demo
PORT ?= 8000
RESET ?=
APT ?= 1
UPGRADE ?=
ACCEPT ?=
DRILLS ?= 20
WORKERS ?= auto
ARGS ?=
ENGINE ?= docker
IMAGE ?= signon

BIN := .venv/bin
# Debian's pip refuses to install outside an environment, and python3-venv may be missing:
# an environment without its own pip, filled by the system's, needs neither.
PIP := $(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python
INSTALL := $(PIP) install --quiet --no-deps
LOCKED := $(INSTALL) --require-hashes --only-binary :all:
NODE_CLIENT := tests/oidc/openid_client
LOCK_TOOL := uv==0.13.9

# or each of the suite's processes would compile everything anew
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo test drills gallery lint format words openapi bench juriscraper look journeys pictures image sbom lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/.runtime ## make .venv with the locked runtime: .venv/bin/signon
	@echo "Ready: $(BIN)/signon --help"

demo: install ## serve the provider and two demo courts (PORT=8000 DATA_DIR=.demo RESET=1)
	@exec $(BIN)/signon demo --port $(PORT) --data-dir $(DATA_DIR) $(if $(RESET),--reset)

test: .venv/.test browser webservers node lint ## check everything, as .ci/run does (APT=0: never call apt)
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup $(ARGS)

drills: .venv/.test webservers ## what takes minutes: kills, crowds, and chance DRILLS=20 times as often (ARGS='-k kills')
	@APT=$(APT) tools/highly_available
	DRILLS=$(DRILLS) $(BIN)/pytest -n 0 --timeout 0 -v -m "drill or by_chance" $(ARGS)

lint: .venv/.test ## check style, types, imports, dependencies, templates and words
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --cache-dir .cache/imports
	$(BIN)/deptry src
	$(BIN)/djlint src --lint --check
	$(BIN)/python tools/words.py --check

format: .venv/.test ## put code and templates into their form
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(BIN)/djlint src --reformat --quiet

words: .venv/.test ## renew the catalogues of translations from code and templates
	$(BIN)/python tools/words.py

openapi: install ## write openapi/signon.json from the running application
	$(BIN)/signon openapi > openapi/signon.json.new
	mv openapi/signon.json.new openapi/signon.json

gallery: .venv/.test ## run known client programs, unmodified, against a provider (ARGS='-k spring')
	@APT=$(APT) tools/gallery
	$(BIN)/pytest -n 0 -rs tests/gallery/journeys.py tests/deployment/test_court_apache.py $(ARGS)

bench: .venv/.test ## measure CPU milliseconds per request, oidc-provider beside us (needs wrk)
	$(BIN)/python -m tests.bench $(ARGS)

juriscraper: .venv/.test ## test with a real scraper of today, which is 179 MB (needs the network once)
	@# in no lock: nothing else here needs it, nor the 179 MB of place names that it imports
	$(PIP) install --quiet juriscraper==4.0.1
	$(BIN)/pytest tests/pacer_api/test_juriscraper.py $(ARGS)

look: .venv/.test browser ## look at every page, pictures in .cache/look (ARGS=home: at some; ACCEPT=1: agree on them)
	$(BIN)/python -m tests.browser.album $(if $(ACCEPT),accept,look) $(ARGS)

journeys: .venv/.test browser ## test long journeys in a browser, which take minutes (ARGS='-k firm')
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup tests/browser/journeys/[a-z]*.py $(ARGS)

pictures: .venv/.test browser ## take the README's and the docs' pictures anew
	$(BIN)/python -m tests.browser.album pictures

image: ## build the image, with labels that say from what (ENGINE=docker IMAGE=signon)
	$(ENGINE) build -t $(IMAGE) . \
	  --build-arg VERSION="$$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)" \
	  --build-arg REVISION="$$(git rev-parse HEAD)" \
	  --build-arg SOURCE="$$(git remote get-url origin)" \
	  --build-arg CREATED="$$(git show -s --format=%cI HEAD)"

sbom: install ## print what is in it, as CycloneDX
	@$(BIN)/python tools/sbom.py

lock: ## write the locks anew from pyproject.toml (UPGRADE=1: newest versions)
	tools/lock "$(PYTHON)" "$(LOCK_TOOL)" $(if $(UPGRADE),--upgrade)

clean: ## remove what make made, except the demo's data
	rm -rf .venv .cache dist $(NODE_CLIENT)/node_modules tests/bench/peers/*/node_modules

# ── What the targets stand on ────────────────────────────────────────────────

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "signon needs Python 3.11 or newer; $(PYTHON) is older. Set PYTHON=…" >&2; exit 1; }
	$(PYTHON) -m venv --without-pip .venv

.venv/.build: requirements-build.lock | .venv/bin/python
	$(LOCKED) -r requirements-build.lock
	@touch $@

.venv/.project: pyproject.toml .venv/.build
	$(INSTALL) --no-build-isolation --editable .
	@# The build also copies migrations/ and openapi/; here those of the checkout are in force.
	@rm -rf .venv/lib/python3.*/site-packages/signon
	@touch $@

.venv/.runtime: requirements.lock .venv/.project
	$(LOCKED) -r requirements.lock
	@touch $@

.venv/.test: requirements-test.lock .venv/.project
	$(LOCKED) -r requirements-test.lock
	@touch $@ .venv/.runtime

.PHONY: browser
browser:
	@APT=$(APT) tools/browser

.PHONY: webservers
webservers:
	@APT=$(APT) tools/webservers

.PHONY: node
node: $(NODE_CLIENT)/node_modules/.package-lock.json

$(NODE_CLIENT)/node_modules/.package-lock.json: $(NODE_CLIENT)/package-lock.json .venv/.test
	@# the machine's own certificates: a company's proxy has one that Node does not bring along
	PATH="$(CURDIR)/$(BIN):$$PATH" NODE_OPTIONS=--use-system-ca \
	  $(BIN)/npm ci --prefix $(NODE_CLIENT) --no-audit --no-fund --loglevel=error
	@touch $@
