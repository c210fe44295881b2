# nanoCocoa: `make` lists what there is to run. Every target that needs it sets up .venv first (quick the second time).
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup ad dev up down logs backup restore upgrade test conformance gate check bench stress report audit doctor

bin := .venv/bin
python_trees := nanococoa_aiserver/src nanococoa_aiserver/client/src backend/src nanococoa_mcpserver/src homepage_generator/src db/migrations tests bench

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## make .venv with the pinned packages, make sure of Chromium and the fonts
	@scripts/setup

ad: setup ## turn samples/coffee.jpg into out/ad.png and the other social formats
	@$(bin)/nanococoa ad --photo samples/coffee.jpg --box 75,15,410,375 \
	  --text "오늘의 첫 모금 | 매일 아침 볶는 원두 | 에스프레소 3,500원 | 모퉁이 커피" \
	  --background "아침 햇살이 드는 나무 탁자" --format square,portrait,story,wide --seed 7 --out out/ad.png

dev: setup ## start the four services at http://127.0.0.1:8890, no Docker; Ctrl-C stops them
	@scripts/dev

up: ## build and start the suite in containers, print its address
	@scripts/compose up

down: ## stop the containers, keep their data
	@scripts/compose down

logs: ## follow what the containers write
	@scripts/compose logs --tail 100 -f

backup: ## everything the suite keeps, as one file below backups/
	@scripts/backup

restore: ## FILE=backups/….tar: the suite as it was then
	@scripts/restore "$(FILE)"

upgrade: ## a backup, then service by service to the sources that are checked out now; back if one does not run
	@scripts/upgrade

test: ## set everything up and run all tests (besides: make conformance, scripts/compose test)
	@scripts/setup --tests
	@$(bin)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not compose and not conformance and not alone"
	@$(bin)/pytest -m "alone and not compose and not conformance"

conformance: setup ## the MCP server by the protocol's own suite, homepages by Lighthouse and html-validate, all from npm
	@scripts/conformance
	@$(bin)/pytest -m conformance tests/homepage/conformance

gate: setup ## SITE=<folder or slug>: a homepage by our own gate, html-validate and Lighthouse; fetches them from npm
	@scripts/gate "$(SITE)"

check: setup ## lint, format, types, import rules, docs tests: what CI runs first
	@$(bin)/ruff check .
	@$(bin)/ruff format --check .
	@$(bin)/mypy $(wildcard $(python_trees))
	@$(bin)/lint-imports
	@$(bin)/pytest -q tests/unit/test_docs.py

bench: setup ## measure against the stated limits; JSON and a chart in docs/benchmarks
	@$(bin)/nanococoa bench

stress: ## 1,050 jobs while memory runs out, workers are killed and the database restarts
	@scripts/setup --tests
	@$(bin)/nanococoa bench stress

report: setup ## docs/report: charts of what was measured; TRACK=mlflow or TRACK=wandb sends the figures there, too
	@$(bin)/python -m bench.report $(if $(TRACK),--track $(TRACK))

audit: ## the pinned packages against the known vulnerabilities; 3: no database was reached
	@scripts/audit

doctor: setup ## say what works here and what to do about the rest
	@$(bin)/nanococoa doctor
