# Two commands matter: make run, make test. See README.md.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run demo rehearsal test proof test-postgres service-proof browser law check fmt bench clean ready ready-dev data
MAKEFLAGS += --no-print-directory

# make run PYTHON=/usr/bin/python3.13 PORT=8001;  make test ARGS="-k quorum"
# Tests are marked in pyproject.toml: `proof` (long), `database` (what a database can change).
PYTHON ?=
ADDRESS ?= 127.0.0.1
PORT ?= 8000
ARGS ?=
N ?= 24
export PYTHON ADDRESS PORT
# Where an image forbids it, each process of the tests would compile the house again.
unexport PYTHONDONTWRITEBYTECODE

# Where the data is, as settings have it; what papers print of this server's address.
DATA := $(or $(DATA_DIR),var)
run demo rehearsal: export SITE_URL := $(or $(SITE_URL),http://$(ADDRESS):$(PORT))

MANAGE := .venv/bin/python manage.py
PANGO := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
# Two processors, two testers; but who drives a browser waits for it, and for what it waits for.
PYTEST = .venv/bin/pytest --numprocesses $(TESTERS) --dist worksteal
TESTERS := 2
proof test-postgres: TESTERS := 3
# With -W error: without libharfbuzz-subset0 it works, but warns.
PRINTS := .venv/bin/python -W error -c "import weasyprint; weasyprint.HTML(string='<p>é').write_pdf()"

help: ## Cette aide
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: data ## Installe ce qui manque, charge la démonstration et sert http://127.0.0.1:8000
	@echo "Adresse : http://$(ADDRESS):$(PORT)/   (Ctrl-C pour arrêter)"
	@bin/serve

demo: data ## La même chose sans servir ; écrit var/demo/pv-bureau-2016-11-16.pdf

rehearsal: ready ## Une séance fictive sur le serveur de « make run » : N=24 délégués y votent seuls
	@$(MANAGE) rehearsal --delegues $(N) --adresse http://$(ADDRESS):$(PORT) $(ARGS)

test: browser ## La preuve courte : chaque pièce
	@$(PYTEST) -m "not proof" $(ARGS)

proof: browser ## Toutes les preuves : navigateur, coupures, chaque papier en trois sorties, cas réels
	@$(PYTEST) $(ARGS)

law: ready-dev ## Les règles seules : leurs tests sans Django ni base, deux secondes
	@.venv/bin/pytest tests/law --quiet -c /dev/null --rootdir . --confcutdir tests/law -W error \
		-p no:django -p no:cacheprovider -p no:playwright -p no:xdist -p no:logging \
		-p no:unraisableexception -p no:threadexception -m "not proof" $(ARGS)

test-postgres: browser ## Ce qu’une base peut changer, sur un PostgreSQL démarré pour cela
	@bin/with-postgres $(PYTEST) -m database $(ARGS)

service-proof: ready-dev ## Plusieurs hôtes tués, coupés, mis à jour pendant qu’on travaille (root) ; écrit bench/SERVICE.md
	@bin/need "nginx" nginx-light sh -c "command -v nginx"
	@bin/need "pgbouncer" pgbouncer test -x /usr/sbin/pgbouncer
	@bin/need "PostgreSQL 15 ou plus récent" postgresql bin/with-postgres --which
	@.venv/bin/python -m bench.hosts

check: ready-dev ## Style, types, gabarits, migrations
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/djlint --lint --quiet templates
	@DJANGO_SETTINGS_MODULE=tests.settings $(MANAGE) makemigrations --check --dry-run

fmt: ready-dev ## Met le code en forme
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: ready-dev ## Mesure la vitesse et écrit bench/RESULTS.md
	@.venv/bin/python -m bench $(ARGS)

clean: ## Retire l’environnement et les caches ; var/ (vos données) reste
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- What the others stand on ---------------------------------------------------------------

ready:
	@bin/setup
	@bin/need "pango, qui compose les PDF" "$(PANGO)" $(PRINTS)

ready-dev:
	@bin/setup dev
	@bin/need "pango, qui compose les PDF" "$(PANGO)" $(PRINTS)

browser: ready-dev
	@bin/need "le navigateur des tests (chromium)" chromium \
		sh -c "command -v chromium-headless-shell || command -v chromium"
	@bin/need "pdftotext (poppler)" poppler-utils sh -c "command -v pdftotext"

data: ready $(DATA)/secret_key
	@$(MANAGE) migrate --verbosity 0
	@$(MAKE) --silent $(DATA)/static-collected
	@$(MANAGE) demo

$(DATA)/secret_key:
	@umask 077; mkdir -p $(DATA); \
	.venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(64))' > $@

# Directories are listed with the files, so that a removed file counts as a change.
$(DATA)/static-collected: requirements.txt somme_gov/settings.py $(shell find static -not -name ".*")
	@$(MANAGE) collectstatic --no-input --clear --verbosity 0
	@touch $@
