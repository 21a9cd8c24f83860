"""What the database holds of reports and cases.

A link goes with its report, whoever deletes that. Its case is about its account. The case of a
report is never the primary one: a match that came later would join it, and be hidden with it.

HF009  now also: the case of a report as a profile's primary case
HF014  a link that would change, or go, once it has a case
"""

from django.db import migrations

LINKS = """
ALTER TABLE cases_reportedprofile
    ADD CONSTRAINT reported_profile_goes_with_its_report
    FOREIGN KEY (report_id) REFERENCES intake_report (id) ON DELETE CASCADE,
    ADD CONSTRAINT reported_profile_is_in_its_case
    FOREIGN KEY (case_id, profile_id) REFERENCES cases_caseprofile (case_id, profile_id);

CREATE FUNCTION cases_reported_profile_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        -- With its report gone, the link goes too.
        IF OLD.case_id IS NOT NULL AND EXISTS (
            SELECT FROM intake_report WHERE id = OLD.report_id
        ) THEN
            RAISE EXCEPTION 'The report led to a case by this account.' USING ERRCODE = 'HF014';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.case_id IS NOT NULL OR
       (to_jsonb(NEW) - 'case_id') IS DISTINCT FROM (to_jsonb(OLD) - 'case_id') THEN
        RAISE EXCEPTION 'What a report led to is kept.' USING ERRCODE = 'HF014';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER reported_profile_guard BEFORE UPDATE OR DELETE ON cases_reportedprofile
    FOR EACH ROW EXECUTE FUNCTION cases_reported_profile_guard();
"""

REVERSE_LINKS = """
DROP TRIGGER reported_profile_guard ON cases_reportedprofile;
DROP FUNCTION cases_reported_profile_guard();
ALTER TABLE cases_reportedprofile
    DROP CONSTRAINT reported_profile_is_in_its_case,
    DROP CONSTRAINT reported_profile_goes_with_its_report;
"""

PRIMARY = """
CREATE OR REPLACE FUNCTION cases_profile_links_fit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT added.case_id INTO wrong FROM added JOIN cases_case c ON c.number = added.case_id
    WHERE added.is_open <> (c.state <> 'closed')
       OR (added.is_primary AND c.kind NOT IN (%s))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'The profile of case %% is linked as its kind and state do not allow.',
            wrong USING ERRCODE = 'HF009';
    END IF;
    RETURN NULL;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0010_a_report_leads_to_a_case"),
        ("intake", "0003_waiting_since"),
    ]

    operations = [
        migrations.RunSQL(LINKS, REVERSE_LINKS),
        migrations.RunSQL(
            PRIMARY % "'match', 'ban_evasion'",
            PRIMARY % "'match', 'report', 'ban_evasion'",
        ),
    ]
