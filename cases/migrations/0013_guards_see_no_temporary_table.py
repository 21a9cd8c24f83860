"""A guard looks at our tables, whatever temporary tables a session made.

PostgreSQL looks for a table among the session's own temporary ones first, so that a role with
SQL could have laid an empty one over what a guard reads. Named last, they come last
(https://www.postgresql.org/docs/current/sql-createfunction.html, "Writing SECURITY DEFINER
Functions Safely").
"""

from django.db import migrations

GUARDS = (
    "cases_access_guard()",
    "cases_basis_fits()",
    "cases_case_closes_links()",
    "cases_case_guard()",
    "cases_decision_guard()",
    "cases_decision_stands(bigint)",
    "cases_hold_basis_guard()",
    "cases_hold_has_basis()",
    "cases_match_links_fit()",
    "cases_only_while_proposed()",
    "cases_policy_guard()",
    "cases_profile_links_fit()",
    "cases_recusal_is_ended_by_others()",
    "cases_release_fits()",
    "cases_release_happened()",
    "cases_reported_profile_guard()",
    "cases_restore_has_basis()",
    "cases_review_is_by_others()",
)
SEALED = "\n".join(f"ALTER FUNCTION {guard} SET search_path = public, pg_temp;" for guard in GUARDS)
REVERSE = "\n".join(f"ALTER FUNCTION {guard} RESET search_path;" for guard in GUARDS)


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_who_is_let_in")]

    operations = [migrations.RunSQL(SEALED, REVERSE)]
