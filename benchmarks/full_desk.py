"""A desk with as many open cases as one asks for, filled by bulk SQL."""

from django.db import connections

from accounts.models import RoleGrant, User
from accounts.roles import Role
from platforms.models import Platform
from sanctions.models import Source

DESIGNATIONS = 20_000

FILL = """
INSERT INTO sanctions_designation (source_id, entry_key, kind, primary_name, programs, listed_at)
SELECT (SELECT id FROM sanctions_source), n::text, 'person', 'SURNAME_' || n || ', Given',
    '{SDGT}', now() FROM generate_series(1, %(designations)s) AS n;

INSERT INTO platforms_profile (platform_id, external_id, handle, display_name, bio, links,
    country, date_of_birth, image_fingerprints, is_verified, reach, version_number,
    observed_state, is_held, next_read_at, first_seen_at)
SELECT (SELECT min(id) FROM platforms_platform) + n %% 4, n::text, 'account_' || n, '', '', '{}',
    '', '', '{}', false, (random() ^ 6 * 5000000)::bigint, 1, 'not_read', n %% 5 = 0, now(), now()
FROM generate_series(1, %(cases)s) AS n;

INSERT INTO platforms_hold (profile_id, kind, source, entry_key, title, detail, effect,
    territory, placed_at, placed_by_id)
SELECT id, 'designation', 'sample', id::text, 'Designation, SL ' || id, '', 'suspend', '', now(),
    (SELECT min(id) FROM accounts_user) FROM platforms_profile WHERE is_held;

INSERT INTO cases_case (number, kind, state, priority, question, opened_because, version,
    is_restricted, opened_at, due_at, clock_began_at, reach, assignee_id, lease_holder_id,
    lease_ends_at)
SELECT n,
    (ARRAY['match', 'match', 'match', 'match', 'ban_evasion', 'network', 'incident',
           'delisting'])[1 + n %% 8],
    CASE n %% 40 WHEN 0 THEN 'waiting' WHEN 1 THEN 'with_counsel' WHEN 2 THEN 'proposed'
        ELSE 'open' END,
    2 - (n %% 20 = 0)::int - (n %% 4 = 0)::int, 'Is it the listed person?', 'SURNAME, Given · 0.91',
    1, n %% 1000 = 0, now() - random() * interval '30 days',
    now() + (random() - 0.05) * interval '20 days', now(), p.reach,
    CASE WHEN n %% 5000 = 0 THEN %(reader)s END,
    CASE WHEN n %% 20000 = 0 THEN %(reader)s WHEN n %% 500 = 0 THEN %(other)s END,
    CASE WHEN n %% 500 = 0 THEN now() + interval '1 hour' END
FROM generate_series(1, %(cases)s) AS n JOIN platforms_profile p ON p.external_id = n::text;

INSERT INTO cases_caseprofile (case_id, profile_id, is_primary, is_open)
SELECT c.number, p.id, c.kind IN ('match', 'ban_evasion'), true
FROM cases_case c JOIN platforms_profile p ON p.external_id = c.number::text;

INSERT INTO cases_casedesignation (case_id, designation_id)
SELECT number, (SELECT min(id) FROM sanctions_designation) + number %% %(designations)s
FROM cases_case;
"""
FILLED = (
    "platforms_platform",
    "sanctions_designation",
    "platforms_profile",
    "platforms_hold",
    "cases_case",
    "cases_caseprofile",
    "cases_casedesignation",
)


def fill(cases: int) -> User:
    """Fill the database and return the reader: a moderator."""
    reader = User.objects.create_user(email="reader@desk.example", name="Reader")
    other = User.objects.create_user(email="other@desk.example", name="Other")
    RoleGrant.objects.create(user=reader, role=Role.MODERATOR, reason="Benchmark")
    owner = connections["owner"]
    for name in ("Lumen", "Wire", "Relay", "Vista"):
        Platform.objects.create(slug=name.lower(), name=name, connector="holdfast-http")
    Source.objects.create(slug="sample", name="Sample list", short_name="SL", publisher="Nobody")
    with owner.cursor() as cursor:
        # The guards would check each row of a history that never happened.
        cursor.execute("ALTER TABLE platforms_hold DISABLE TRIGGER USER")
        numbers = {"cases": cases, "designations": DESIGNATIONS}
        people = {"reader": reader.pk, "other": other.pk}
        for statement in FILL.split(";\n\n"):
            cursor.execute(statement, numbers | people)
        cursor.execute("ALTER TABLE platforms_hold ENABLE TRIGGER USER")
        for table in FILLED:
            cursor.execute(f"VACUUM ANALYZE {table}")
    return reader
