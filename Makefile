# The commands of the project. `make` alone lists them. PORT, HOST, RASA_PORT, ACTIONS_PORT, PRP_HOME and PRP_LIMITS
# may be set for any of them:  PORT=8090 make start

IN_ENV := sh scripts/setup.sh
IN_DEV := sh scripts/setup.sh --dev

.DEFAULT_GOAL := help
.PHONY: help start demo demo-remove sign-in-link test-delivery train check evaluate test test-long bench lint format types widget wheel docs deploy-check sbom audit

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' Makefile

start: ## Install what is missing, train if needed, start everything, print the addresses
	@$(IN_ENV) prp-guide start

demo: ## Start it in var/demo, with 40 marked sample requests and a month of sample questions
	@PRP_HOME="$${PRP_HOME:-var/demo}" $(IN_ENV) prp-guide demo

demo-remove: ## Remove the samples from there
	@PRP_HOME="$${PRP_HOME:-var/demo}" $(IN_ENV) prp-guide demo --remove

sign-in-link: ## Print a new one-time link into the front desk's inbox
	@$(IN_ENV) prp-guide desk sign-in-link

test-delivery: ## Send a test to the receivers that clinic.yml names
	@$(IN_ENV) prp-guide desk test-delivery

train: ## Train the model on data/, if it is not current
	@$(IN_ENV) prp-guide train

check: ## Hold clinic.yml and the content against every rule
	@$(IN_ENV) prp-guide check

evaluate: ## Measure how well it understands, minutes; write docs/evaluation.md
	@$(IN_ENV) prp-guide evaluate

test: ## Style, types and all tests, those in the browser included
	@$(IN_DEV) sh scripts/test.sh

test-long: ## The full forms of the tests that kill processes, flood and fuzz, half an hour
	@$(IN_DEV) pytest -m long -s

bench: ## Measure how fast it is beside the bot of `rasa init`, 40 minutes on an idle machine; write docs/benchmarks.md
	@$(IN_DEV) python -W ignore -m benchmarks.speed $(BENCH)

lint: ## Style only
	@$(IN_DEV) ruff check .
	@$(IN_DEV) ruff format --check .

format: ## Lay the code out as `make lint` wants it
	@$(IN_DEV) ruff check --fix .
	@$(IN_DEV) ruff format .

types: ## Types only
	@$(IN_DEV) mypy

widget: ## Build the chat widget from widget/ (needs Node.js 20 or later)
	cd widget && npm ci && npm run check && npm run build

wheel: ## Build dist/prp_guide-*.whl, to install without a checkout
	@$(IN_ENV) uv build --wheel

docs: ## Build the documents as a site into build/site
	@$(IN_DEV) mkdocs build --strict

deploy-check: ## Check Dockerfile, Compose file and Helm chart by their own tools, which it fetches
	@PRP_FETCH_TOOLS=1 $(IN_DEV) pytest tests/deploy

sbom: ## Write build/sbom.cdx.json, what the product is made of, and docs/licences.md
	@$(IN_ENV) python scripts/sbom.py

audit: ## Ask the advisory databases about every locked package (needs the internet; docs/security.md judges what they say)
	@$(IN_ENV) sh -c 'mkdir -p build && uv export --locked --no-dev --no-emit-project --quiet -o build/locked.txt --format requirements-txt \
		&& uvx pip-audit -r build/locked.txt --no-deps --disable-pip'
