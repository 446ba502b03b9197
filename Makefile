# The verbs of this project. `make` alone lists them.
#
# `up`, `down`, `status`, `logs` and `restart` act on containers where a Docker engine answers, and otherwise on
# processes of this machine; MODE=compose or MODE=native decides it by hand.

PYTHON ?= python3
BIN := .venv/bin
NATIVE := $(BIN)/python -m deploy.native
MODE = $(shell sh deploy/mode.sh)
COMPOSE = $(shell sh deploy/mode.sh compose-command)
# Tests run beside each other, a file in one process, for most of them wait: make test WORKERS=0 runs one after another.
WORKERS ?= 4
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder --progress

# Which process: make logs S=notification, make restart S=audit, make up SCALE="notification=4"
S ?=
SCALE ?=
# Which database: make psql DB=account
DB ?= audit
# A file with values to look for, one a line: make rediscover VALUES=traces.txt
VALUES ?=
# Which backup, and what of it: make restore FROM=latest, make restore FROM=2026-11-22T06:00 SET=all
FROM ?=
SET ?= data
# Why facts of the ledger that are lost are accepted: make ledger-accept REASON=ledger_damaged (YES=1)
REASON ?=
YES ?=
ACCEPT = --reason '$(REASON)' $(if $(YES),--yes)
RESTORE = --from '$(FROM)' --set '$(SET)'
# What to pass on to a program of our own: make test ARGS="-k erasure -x". A shell reads it: nothing that a customer
# typed goes here, but to ./vilkar, which hands on what it is given.
ARGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

.PHONY: help
help: ## List the verbs
	@awk 'BEGIN { FS = ":.*## " } /^## / { printf "\n%s\n", substr($$0, 4) } \
	      /^[a-z0-9-]+:.*## / { printf "  %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

## Run it
.PHONY: setup up upgrade psql down reset status logs restart demo terms letters parked backup backups prove-backup restore restore-drill rediscover rediscover-drill rotate-kek kek-status forget-kek reseal reseal-status attack bench
setup: ## Make .venv with exactly the packages of the lock file
	@$(PYTHON) deploy/native/bootstrap.py

up: ## Start everything and wait until it is ready (SCALE="notification=4")
	@$(MAKE) up-$(MODE)

down: ## End everything that `up` started; the data stays
	@$(MAKE) down-$(MODE)

reset: ## End everything and delete its data, keys, ledger and backups, after asking (YES=yes, in production YES=<its name>)
	@$(MAKE) reset-$(MODE)

upgrade: ## Start every process anew from the sources as they are, one after the other; servers run on, requests wait
	@$(MAKE) upgrade-$(MODE)

psql: ## Look into a database with the password of an access that two persons decided (DB=audit)
	@$(MAKE) psql-$(MODE)

status: ## Show what runs and whether it is ready
	@$(MAKE) status-$(MODE)

logs: ## Follow the logs (S=notification)
	@$(MAKE) logs-$(MODE)

restart: ## Start a process or server anew (S=notification)
	@$(MAKE) restart-$(MODE)

demo: ## Play a customer's life from sign-up to certified erasure, with the clock moved
	@$(MAKE) demo-$(MODE)

terms: setup ## Print every promise: what keeps it, what its tests said of these files, what the running system shows
# 4 says that a promise is not kept. The list says which, and what to do; to make, nothing has failed.
	@./vilkar terms $(ARGS) || [ $$? -eq 4 ]

letters: setup ## Write every letter and page in both languages to .run/letters.html, as their readers see them
	@$(BIN)/python -m deploy.letter_gallery .run/letters.html

parked: ## List the messages that were set aside after failing
	@./vilkar parked list $(ARGS)

backup: ## Back up databases, keyring and ledger now; it is done twice a day without
	@$(MAKE) backup-$(MODE)

backups: ## List the backups with their ages
	@$(MAKE) backups-$(MODE)

prove-backup: ## Restore the newest backup into a server that serves nobody, look at it; done every week without
	@$(MAKE) prove-backup-$(MODE)

restore: ## Put a backup back: FROM=latest|ID|INSTANT (SET=data|keyring|all); stops and starts the services
	@test -n '$(FROM)' || { echo "which one? FROM=latest, an id or an instant; make backups lists them"; exit 2; }
	@$(MAKE) restore-$(MODE)

restore-drill: setup ## Prove on a system of its own that no backup brings anybody back, in some 5 minutes (ARGS="--companies 1000 --erased 300")
	@$(BIN)/python -m deploy.drill $(ARGS)

ledger-accept: ## Go on with a ledger that lost facts: REASON=code shows what is lost, YES=1 does it
	@test -n '$(REASON)' || { echo "why? REASON=<restored_from_backup|ledger_lost|ledger_damaged|drill>"; exit 2; }
	@$(MAKE) ledger-accept-$(MODE)

rediscover-drill: setup ## Prove on a system of its own that nothing is left of 100 erased companies (ARGS="--companies 30 --erased 10")
	@$(BIN)/python -m deploy.drill --companies 130 --erased 100 --rediscover $(ARGS)

rediscover: ## Search everything of ours for plain values, one a line (VALUES=file); fails where one is found
	@test -f '$(VALUES)' || { echo "which values? VALUES=file, one a line"; exit 2; }
	@$(MAKE) rediscover-$(MODE)

outside-service: ## Let a service of others take part at the broker, with rights of its own (NAME=nogd)
	@test -n '$(NAME)' || { echo "which one? NAME=nogd (ARGS=\"--hears account:account.registered --calls account.get_account\")"; exit 2; }
	@$(MAKE) outside-service-$(MODE)

rotate-kek: ## Exchange the key-encryption key while everything runs; again after an interruption
	@$(MAKE) keys-$(MODE) KEYS=rotate

kek-status: ## Show which process has which key-encryption key, and how many data keys lie under each
	@$(MAKE) keys-$(MODE) KEYS=status

forget-kek: ## Destroy old key-encryption keys that no backup of the keyring needs any more
	@$(MAKE) keys-$(MODE) KEYS=forget

reseal: ## Renew all data keys and seal everything anew while it runs; again after an interruption
	@$(MAKE) keys-$(MODE) KEYS=renew
	@$(MAKE) backup-$(MODE)
	@$(MAKE) keys-$(MODE) KEYS=reseal

reseal-status: ## Show what lies under older data keys in each database
	@$(MAKE) keys-$(MODE) KEYS=reseal-status

attack: setup-dev ## Measure on generated days what the detectors of log-ins find, and whom they suspect wrongly (ARGS="--seeds 5")
	@$(BIN)/python -m tests.attack $(ARGS)

bench: setup-dev ## Measure throughput and latency on this machine
	@$(BIN)/python -m tests.benchmarks $(ARGS)

.PHONY: upgrade-native psql-native upgrade-compose psql-compose
.PHONY: up-native down-native reset-native status-native logs-native restart-native demo-native rediscover-native
up-native: setup
	@$(NATIVE) up $(foreach scale,$(SCALE),--scale $(scale))
down-native: setup
	@$(NATIVE) down
reset-native: setup
	@$(NATIVE) reset --yes '$(YES)'
upgrade-native: setup
	@$(NATIVE) upgrade
psql-native: setup
	@$(NATIVE) psql $(DB)
status-native: setup
	@$(NATIVE) status
logs-native: setup
	@$(NATIVE) logs $(S)
restart-native: setup
	@$(NATIVE) restart $(or $(S),all)
rediscover-native: setup
	@$(NATIVE) desk rediscover --from '$(abspath $(VALUES))' $(ARGS)
.PHONY: outside-service outside-service-native outside-service-compose
outside-service-native: setup
	@$(NATIVE) outside-service '$(NAME)' $(ARGS)
outside-service-compose:
	@$(COMPOSE) run --rm --no-deps -T outside-service '$(NAME)' /secrets http://127.0.0.1:15672 $(ARGS)
demo-native: setup
	@$(NATIVE) desk demo --logs $(abspath $(or $(VILKAR_RUN_DIR),.run))/logs $(ARGS)

.PHONY: backup-native backups-native prove-backup-native restore-native
.PHONY: backup-compose backups-compose prove-backup-compose restore-compose
.PHONY: ledger-accept-native ledger-accept-compose
backup-native: setup
	@$(NATIVE) backup take
backups-native: setup
	@$(NATIVE) backup list
prove-backup-native: setup
	@$(NATIVE) backup prove
restore-native: setup
	@$(NATIVE) restore $(RESTORE)
ledger-accept-native: setup
	@$(NATIVE) ledger-accept $(ACCEPT)
# What is done here two persons of the staff countersign. It is noted before; natively `deploy.native` does that.
NOTE_DOOR = $(COMPOSE) run --rm --no-deps -T vilkar staff note-door
backup-compose:
	@$(NOTE_DOOR) backup
	@$(COMPOSE) run --rm --no-deps -T restore take
backups-compose:
	@$(COMPOSE) run --rm --no-deps -T restore list
prove-backup-compose:
	@$(COMPOSE) run --rm --no-deps -T restore prove
.PHONY: keys-native keys-compose
keys-native: setup
	@$(NATIVE) keys $(KEYS)
keys-compose:
	@case $(KEYS) in rotate|forget|renew|reseal) $(NOTE_DOOR) keys_$(KEYS);; esac
	@$(COMPOSE) run --rm --no-deps -T keys $(KEYS)
# `stop` and `start` keep every replica of a scaled service. What ran is started again whatever became of the restore.
# begin generated: services
WORKING := account retention notification billing-sync audit staff cases registers relay gateway desk backup
# end generated
restore-compose:
	@$(COMPOSE) run --rm --no-deps -T restore choose $(RESTORE)
	@$(NOTE_DOOR) restore
	@$(COMPOSE) stop $(WORKING)
	@status=0; $(COMPOSE) run --rm --no-deps -T restore restore $(RESTORE) || status=$$?; \
		$(COMPOSE) run --rm -T migrate && \
		$(COMPOSE) start $(WORKING) || status=1; exit $$status

# Shown on the running system; done while nothing runs.
ledger-accept-compose:
	@$(COMPOSE) run --rm --no-deps -T ledger accept --reason '$(REASON)'
ifneq ($(YES),)
	@$(COMPOSE) stop $(WORKING)
	@status=0; { $(COMPOSE) run --rm --no-deps -T ledger accept $(ACCEPT) && \
			$(COMPOSE) run --rm --no-deps -T ledger-begin; } || status=$$?; \
		$(COMPOSE) start $(WORKING) || status=1; exit $$status
endif

.PHONY: up-compose down-compose reset-compose status-compose logs-compose restart-compose demo-compose rediscover-compose
# Compose 1 cannot wait; what it started gets ready a few seconds later.
up-compose:
	@$(COMPOSE) up --build --detach $(if $(filter docker,$(firstword $(COMPOSE))),--wait) \
		$(foreach scale,$(SCALE),--scale $(scale))
	@$(COMPOSE) ps
	@$(COMPOSE) exec -T desk python -m deploy.ways_in || echo "Next: make status"
down-compose:
	@$(COMPOSE) down
reset-compose:
	@sh deploy/reset_compose.sh '$(YES)' $(COMPOSE)
upgrade-compose:
	@sh deploy/upgrade_compose.sh $(COMPOSE)
psql-compose:
	@$(COMPOSE) exec $(if $(shell test -t 0 && echo tty),,-T -e PGPASSWORD) db psql -h 127.0.0.1 -U adminer_$(DB) $(DB)
status-compose:
	@$(COMPOSE) ps --all
logs-compose:
	@$(COMPOSE) logs --follow --tail 20 $(S)
restart-compose:
	@$(COMPOSE) restart $(S)
# What the containers said is not in a folder: it is handed over as standard input.
rediscover-compose:
	@$(COMPOSE) logs --no-color | sh deploy/with_search_user.sh '$(COMPOSE)' -T \
		--volume '$(abspath $(VALUES)):/run/values:ro' rediscover --from /run/values --also - $(ARGS)
# What the containers said is not in a folder that the demo could search; it is handed over afterwards.
demo-compose:
	@sh deploy/with_search_user.sh '$(COMPOSE)' vilkar demo $(ARGS)
	@$(COMPOSE) logs --no-color | $(COMPOSE) run --rm -T vilkar demo --search-stdin

## Change it
.PHONY: setup-dev fmt lint lint-documents types imports verify new-service generate check
setup-dev: ## Make .venv with what tests and checks need as well
	@$(PYTHON) deploy/native/bootstrap.py --dev

fmt: setup-dev ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix --quiet . || true

lint: setup-dev ## Check style and habits
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

lint-documents: setup-dev ## Read the generated documents as others do: redocly, spectral, AsyncAPI, CloudEvents, made-up requests
	@$(PYTEST) tests/contract/documents tests/contract/events tests/e2e/test_openapi.py $(ARGS)

types: setup-dev ## Check types
	@$(BIN)/mypy

imports: setup-dev ## Check who may import whom
	@$(BIN)/lint-imports

new-service: setup-dev ## Make the rooms of a new service and its entries elsewhere (NAME=cases)
	@test -n '$(NAME)' || { echo "which one? NAME=cases: its name on the wire, small letters, digits and hyphens"; exit 2; }
	@$(BIN)/python -m deploy.new_service '$(NAME)'
	@$(BIN)/ruff format --quiet .
	@$(BIN)/python -m deploy.generate

generate: setup-dev ## Write the generated documents and schemas anew
	@$(BIN)/python -m deploy.generate

# Where the key of releases lies: outside the repository. make release-key KEY=~/vilkar-release.key
KEY ?=
.PHONY: release release-key
release: setup-dev ## Sign what CI said of exactly these files, to be shipped with them (KEY=file outside)
	@$(BIN)/python -m deploy.release '$(KEY)'

release-key: setup-dev ## Make the key that `make release` signs with (KEY=file outside)
	@$(BIN)/python -m deploy.release --new-key '$(KEY)'

verify: setup-dev ## Fail where a generated document differs from the code
	@$(BIN)/python -m deploy.generate --check

check: lint types imports verify test ## Everything that must hold before a change lands

## Test it
.PHONY: attack-matrix customer-pictures desk-pictures test test-unit test-conformance test-contract test-terms test-integration test-e2e test-compose
test: setup-dev ## Run every test this machine can run, and say what it could not
	@$(PYTEST) $(ARGS)

test-unit: setup-dev ## Rules and other pure code
	@$(PYTEST) -m unit $(ARGS)

test-conformance: setup-dev ## One examination for every participant in forgetting
	@$(PYTEST) -m conformance $(ARGS)

test-contract: setup-dev ## Requests and answers against the vendors' documents
	@$(PYTEST) -m contract $(ARGS)

test-terms: setup-dev ## One check a clause
	@$(PYTEST) -m terms $(ARGS)

test-integration: setup-dev ## Against real RabbitMQ and PostgreSQL, started for the run
	@$(PYTEST) -m integration $(ARGS)

campaign: setup-dev ## Send a campaign to 5,000 people of whom 500 object meanwhile, and compare with what Mailgun saw
	@VILKAR_CAMPAIGN_PERSONS=5000 $(PYTEST) -n 0 -s tests/integration/notification/test_campaigns.py -k a_tenth_object $(ARGS)

attack-matrix: setup-dev ## Write what each process can do with its credentials to .run/attack-matrix.md
	@VILKAR_ATTACK_MATRIX=.run/attack-matrix.md $(PYTEST) tests/integration/security/test_attack_matrix.py $(ARGS)

desk-pictures: setup-dev ## Keep a picture of each page of the desk in .run/desk-pictures, in both languages, light and dark, large and small
	@mkdir -p .run/desk-pictures
	@VILKAR_SCREENSHOTS=.run/desk-pictures $(PYTEST) tests/integration/desk/test_pages_in_browser.py $(ARGS)

customer-pictures: setup-dev ## Keep a picture of each page of customers in .run/customer-pictures, as for the desk
	@mkdir -p .run/customer-pictures
	@VILKAR_SCREENSHOTS=.run/customer-pictures $(PYTEST) tests/integration/customers $(ARGS)

test-e2e: setup-dev ## The whole system
	@$(PYTEST) -m e2e $(ARGS)

test-compose: setup-dev ## The real compose file on a Docker engine; as root on Debian, one is brought along
	@$(BIN)/python -m deploy.engine run -- $(PYTEST) -m compose $(ARGS)
