# The commands that stay the same. Everything runs in .venv; nothing needs root.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
INSTALLED := $(VENV)/.installed

.PHONY: install lock demo serve test test-live check bench pictures clean

install: $(INSTALLED)

# pip reads the hashes: a package that is not the locked one is refused.
$(INSTALLED): requirements/dev.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Holdfast needs Python 3.11 or newer.")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

lock: install
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --output-file=requirements/runtime.txt requirements/runtime.in
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --constraint=requirements/runtime.txt --output-file=requirements/dev.txt requirements/dev.in

demo: install
	@$(MANAGE) demo

serve: install
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) runserver localhost:8700

test: install
	@$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile

test-live: install
	@$(BIN)/python -m pytest tests/live -m live

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --target-version 5.2 --check
	$(MANAGE) makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=config.settings.production \
	DATABASE_URL=postgres://desk@localhost/holdfast \
	DATABASE_OWNER_URL=postgres://owner@localhost/holdfast \
	CELERY_BROKER_URL=redis://localhost \
	INTAKE_PUBLIC_KEYS=/srv/holdfast/public-keys \
	INTAKE_PRIVATE_KEYS=/srv/holdfast/private-keys \
	ALLOWED_HOSTS=desk.example \
	SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
	$(MANAGE) check --deploy --fail-level WARNING

bench: install
	@$(BIN)/python -m benchmarks

pictures: install
	@$(BIN)/python -m pytest tests/journeys --pictures=docs/pictures -q

clean:
	-$(BIN)/python -m config.embedded stop
	rm -rf $(VENV) .holdfast staticfiles
