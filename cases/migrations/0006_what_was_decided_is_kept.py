"""What the database demands of cases and decisions, beyond the first guards.

HF006  an approval that nobody gave, a hold or a release on a decision about something else
HF007  a decision, its holds, designations, people or policy that would change after the fact
HF009  a step that a case does not have

A hold's basis is compared with its decision when it is written, and not at commit: reach is
counted as it was when the hold was placed.
"""

from django.db import migrations

DECISIONS = """
CREATE OR REPLACE FUNCTION cases_decision_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    answer boolean;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'proposed' THEN
            RAISE EXCEPTION 'A decision begins as a proposal.' USING ERRCODE = 'HF007';
        END IF;
        -- With the case's row taken: it might be closing at this moment.
        PERFORM 1 FROM cases_case WHERE number = NEW.case_id AND state <> 'closed'
            FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'Case % is closed: nothing is decided in it any more.', NEW.case_id
                USING ERRCODE = 'HF009';
        END IF;
        RETURN NEW;
    END IF;
    IF (to_jsonb(NEW) - 'state' - 'settled_at') IS DISTINCT FROM
       (to_jsonb(OLD) - 'state' - 'settled_at') THEN
        RAISE EXCEPTION 'Decision % keeps what was proposed.', OLD.id USING ERRCODE = 'HF007';
    END IF;
    IF OLD.state <> 'proposed' THEN
        RAISE EXCEPTION 'Decision % is settled.', OLD.id USING ERRCODE = 'HF007';
    END IF;
    SELECT is_approved INTO answer FROM cases_approval WHERE decision_id = OLD.id;
    IF (NEW.state = 'approved' AND NEW.needs_second AND answer IS NOT TRUE)
       OR (NEW.state = 'approved' AND answer IS FALSE)
       OR (NEW.state = 'rejected' AND answer IS NOT FALSE)
       OR (NEW.state = 'withdrawn' AND answer IS NOT NULL) THEN
        RAISE EXCEPTION 'Decision % cannot be %: that is not what its second person said.',
            OLD.id, NEW.state USING ERRCODE = 'HF006';
    END IF;
    RETURN NEW;
END
$$;
DROP TRIGGER decision_guard ON cases_decision;
CREATE TRIGGER decision_guard BEFORE INSERT OR UPDATE ON cases_decision
    FOR EACH ROW EXECUTE FUNCTION cases_decision_guard();

CREATE FUNCTION cases_only_while_proposed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM cases_decision WHERE id = NEW.decision_id AND state = 'proposed'
        FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Decision % is settled: nothing is added to it.', NEW.decision_id
            USING ERRCODE = 'HF007';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER approval_while_proposed BEFORE INSERT ON cases_approval
    FOR EACH ROW EXECUTE FUNCTION cases_only_while_proposed();
CREATE TRIGGER participant_while_proposed BEFORE INSERT ON cases_decisionparticipant
    FOR EACH ROW EXECUTE FUNCTION cases_only_while_proposed();
CREATE TRIGGER hold_named_while_proposed BEFORE INSERT ON cases_decisionhold
    FOR EACH ROW EXECUTE FUNCTION cases_only_while_proposed();
CREATE TRIGGER designation_named_while_proposed BEFORE INSERT ON cases_decision_designations
    FOR EACH ROW EXECUTE FUNCTION cases_only_while_proposed();
REVOKE UPDATE, DELETE ON cases_decision_designations FROM desk;

CREATE FUNCTION cases_policy_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (to_jsonb(NEW) - 'ends_on') IS DISTINCT FROM (to_jsonb(OLD) - 'ends_on')
       AND EXISTS (SELECT FROM cases_decision WHERE policy_id = OLD.id) THEN
        RAISE EXCEPTION 'A decision quotes policy %. Write a new version of it.', OLD.id
            USING ERRCODE = 'HF007';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER policy_guard BEFORE UPDATE ON cases_policy
    FOR EACH ROW EXECUTE FUNCTION cases_policy_guard();
"""

BASES = """
CREATE FUNCTION cases_basis_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    hold platforms_hold%ROWTYPE;
    placed cases_decision%ROWTYPE;
BEGIN
    SELECT * INTO hold FROM platforms_hold WHERE id = NEW.hold_id;
    SELECT * INTO placed FROM cases_decision WHERE id = NEW.placed_by_decision_id;
    -- An account that is left up may still be labelled or withheld. It is not taken down.
    IF placed.profile_id IS DISTINCT FROM hold.profile_id
       OR NOT (placed.outcome = 'suspend'
               OR (placed.outcome = 'keep_up' AND hold.effect <> 'suspend')) THEN
        RAISE EXCEPTION 'Hold % rests on a decision about something else.', hold.id
            USING ERRCODE = 'HF006';
    END IF;
    IF hold.kind = 'designation' AND NOT EXISTS (
        SELECT FROM cases_decision_designations named
        JOIN sanctions_designation d ON d.id = named.designation_id
        JOIN sanctions_source s ON s.id = d.source_id
        WHERE named.decision_id = placed.id AND d.id = NEW.designation_id
          AND s.slug = hold.source AND d.entry_key = hold.entry_key
    ) THEN
        RAISE EXCEPTION 'Hold % names a designation that its decision does not.', hold.id
            USING ERRCODE = 'HF006';
    END IF;
    IF hold.effect = 'suspend' AND NOT placed.needs_second AND EXISTS (
        SELECT FROM platforms_profile p JOIN platforms_platform f ON f.id = p.platform_id
        WHERE p.id = hold.profile_id AND p.reach >= f.high_reach_threshold
    ) THEN
        RAISE EXCEPTION 'A profile of this reach is taken down by two people.'
            USING ERRCODE = 'HF006';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER hold_basis_fits BEFORE INSERT ON cases_holdbasis
    FOR EACH ROW EXECUTE FUNCTION cases_basis_fits();

CREATE FUNCTION cases_release_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    hold platforms_hold%ROWTYPE;
    release cases_decision%ROWTYPE;
BEGIN
    SELECT * INTO hold FROM platforms_hold WHERE id = NEW.hold_id;
    SELECT * INTO release FROM cases_decision WHERE id = NEW.released_by_decision_id;
    IF release.profile_id IS DISTINCT FROM hold.profile_id THEN
        RAISE EXCEPTION 'The release of hold % was decided about another profile.', hold.id
            USING ERRCODE = 'HF006';
    END IF;
    IF hold.kind = 'designation'
       AND NEW.release_ground NOT IN ('delisted', 'misidentified', 'licence') THEN
        RAISE EXCEPTION 'A designation hold is not released because: %.', NEW.release_ground
            USING ERRCODE = 'HF006';
    END IF;
    IF NEW.release_ground = 'delisted' AND NOT EXISTS (
        SELECT FROM sanctions_designationversion v
        JOIN sanctions_designation d ON d.id = v.designation_id
        WHERE d.id = NEW.designation_id AND d.delisted_at IS NOT NULL
          AND v.list_version_id = release.list_version_id AND v.change = 'delisted'
    ) THEN
        RAISE EXCEPTION 'No delisting in that list version lets hold % be released.', hold.id
            USING ERRCODE = 'HF006';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER hold_release_fits BEFORE UPDATE ON cases_holdbasis
    FOR EACH ROW WHEN (NEW.released_by_decision_id IS NOT NULL)
    EXECUTE FUNCTION cases_release_fits();

-- The other side of hold_has_basis: a basis that tells of a release, and a hold that stands.
CREATE FUNCTION cases_release_happened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM platforms_hold WHERE id = NEW.hold_id AND released_at IS NULL) THEN
        RAISE EXCEPTION 'Hold % stands, and its basis says that it was released.', NEW.hold_id
            USING ERRCODE = 'HF006';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER hold_release_happened AFTER INSERT OR UPDATE ON cases_holdbasis
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.released_by_decision_id IS NOT NULL)
    EXECUTE FUNCTION cases_release_happened();
"""

CASES = """
CREATE FUNCTION cases_case_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed jsonb := '{
        "open": ["waiting", "with_counsel", "proposed", "closed"],
        "waiting": ["open", "with_counsel", "proposed", "closed"],
        "with_counsel": ["open", "waiting", "proposed", "closed"],
        "proposed": ["open", "waiting", "with_counsel", "closed"],
        "closed": []
    }';
BEGIN
    IF (NEW.kind, NEW.opened_at) IS DISTINCT FROM (OLD.kind, OLD.opened_at)
       OR NEW.version < OLD.version THEN
        RAISE EXCEPTION 'Case % keeps what it was opened as, and its version only grows.',
            OLD.number USING ERRCODE = 'HF009';
    END IF;
    IF NEW.state <> OLD.state AND NOT (allowed -> OLD.state) ? NEW.state THEN
        RAISE EXCEPTION 'Case % cannot go from % to %.', OLD.number, OLD.state, NEW.state
            USING ERRCODE = 'HF009';
    END IF;
    IF NEW.state = 'closed' AND OLD.state <> 'closed' AND EXISTS (
        SELECT FROM cases_decision WHERE case_id = OLD.number AND state = 'proposed'
    ) THEN
        RAISE EXCEPTION 'Case % has a proposal that nobody answered.', OLD.number
            USING ERRCODE = 'HF009';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER case_guard BEFORE UPDATE ON cases_case
    FOR EACH ROW EXECUTE FUNCTION cases_case_guard();

-- As its owner, because the desk may not write `is_open`: the one open primary case of a
-- profile is told from it.
CREATE FUNCTION cases_case_closes_links() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public AS $$
BEGIN
    UPDATE cases_caseprofile SET is_open = false WHERE case_id = NEW.number;
    RETURN NULL;
END
$$;
CREATE TRIGGER case_closes_links AFTER UPDATE OF state ON cases_case
    FOR EACH ROW WHEN (NEW.state = 'closed' AND OLD.state <> 'closed')
    EXECUTE FUNCTION cases_case_closes_links();
REVOKE UPDATE, DELETE ON cases_caseprofile, cases_casematch, cases_casedesignation,
    cases_caseincident FROM desk;
REVOKE UPDATE, DELETE ON cases_recusal FROM desk;
REVOKE DELETE ON cases_policy FROM desk;

CREATE FUNCTION cases_profile_links_fit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT added.case_id INTO wrong FROM added JOIN cases_case c ON c.number = added.case_id
    WHERE added.is_open <> (c.state <> 'closed')
       OR (added.is_primary AND c.kind NOT IN ('match', 'report', 'ban_evasion'))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'The profile of case % is linked as its kind and state do not allow.',
            wrong USING ERRCODE = 'HF009';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER profile_links_fit AFTER INSERT ON cases_caseprofile
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION cases_profile_links_fit();

CREATE FUNCTION cases_match_links_fit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT added.case_id INTO wrong FROM added JOIN sanctions_match m ON m.id = added.match_id
    WHERE NOT EXISTS (
        SELECT FROM cases_caseprofile p
        WHERE p.case_id = added.case_id AND p.profile_id = m.profile_id
    )
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Case % is not about the profile of that match.', wrong
            USING ERRCODE = 'HF009';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER match_links_fit AFTER INSERT ON cases_casematch
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION cases_match_links_fit();
"""

REVERSE = """
DROP TRIGGER match_links_fit ON cases_casematch;
DROP FUNCTION cases_match_links_fit();
DROP TRIGGER profile_links_fit ON cases_caseprofile;
DROP FUNCTION cases_profile_links_fit();
GRANT DELETE ON cases_policy TO desk;
GRANT UPDATE, DELETE ON cases_recusal TO desk;
GRANT UPDATE, DELETE ON cases_caseprofile, cases_casematch, cases_casedesignation,
    cases_caseincident TO desk;
DROP TRIGGER case_closes_links ON cases_case;
DROP FUNCTION cases_case_closes_links();
DROP TRIGGER case_guard ON cases_case;
DROP FUNCTION cases_case_guard();
DROP TRIGGER hold_release_happened ON cases_holdbasis;
DROP FUNCTION cases_release_happened();
DROP TRIGGER hold_release_fits ON cases_holdbasis;
DROP FUNCTION cases_release_fits();
DROP TRIGGER hold_basis_fits ON cases_holdbasis;
DROP FUNCTION cases_basis_fits();
DROP TRIGGER policy_guard ON cases_policy;
DROP FUNCTION cases_policy_guard();
GRANT UPDATE, DELETE ON cases_decision_designations TO desk;
DROP TRIGGER designation_named_while_proposed ON cases_decision_designations;
DROP TRIGGER hold_named_while_proposed ON cases_decisionhold;
DROP TRIGGER participant_while_proposed ON cases_decisionparticipant;
DROP TRIGGER approval_while_proposed ON cases_approval;
DROP FUNCTION cases_only_while_proposed();
DROP TRIGGER decision_guard ON cases_decision;
CREATE TRIGGER decision_guard BEFORE UPDATE ON cases_decision
    FOR EACH ROW EXECUTE FUNCTION cases_decision_guard();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0005_decisions_are_of_a_kind"),
        ("platforms", "0002_guards"),
        ("sanctions", "0002_history_is_kept"),
    ]

    operations = [migrations.RunSQL(DECISIONS + BASES + CASES, REVERSE)]
