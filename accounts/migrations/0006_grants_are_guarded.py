"""What no path around the verbs may do to roles, under concurrency too.

Each guard that reads other rows first locks what they share: a grant locks the person who
receives it, so that two grants cannot both pass; the end of an administrator takes one lock, so
that two administrators cannot remove each other at once.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION accounts_guard_new_grant() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    receiver_is_active boolean;
    person bigint;
BEGIN
    SELECT is_active INTO receiver_is_active FROM accounts_user
        WHERE id = NEW.user_id FOR NO KEY UPDATE;
    IF NOT receiver_is_active THEN
        RAISE EXCEPTION 'A closed account receives no role.' USING ERRCODE = 'HF206';
    END IF;
    IF EXISTS (
        SELECT FROM accounts_rolegrant held
        WHERE held.user_id = NEW.user_id AND held.role = NEW.role
          AND tstzrange(held.starts_at, held.ends_at) && tstzrange(NEW.starts_at, NEW.ends_at)
    ) THEN
        RAISE EXCEPTION 'This person already holds the role for that time.'
            USING ERRCODE = 'HF205';
    END IF;
    IF EXISTS (
        SELECT FROM accounts_rolegrant held
        WHERE held.user_id = NEW.user_id AND held.role <> NEW.role
          AND tstzrange(held.starts_at, held.ends_at) && tstzrange(NEW.starts_at, NEW.ends_at)
          AND ('administrator' IN (held.role, NEW.role)
               OR (held.role IN ('custodian', 'intake_coordinator')
                   AND NEW.role IN ('custodian', 'intake_coordinator')))
    ) THEN
        RAISE EXCEPTION 'Nobody holds these two roles at once.' USING ERRCODE = 'HF201';
    END IF;
    IF NEW.granted_by_id IS NULL THEN
        IF EXISTS (SELECT FROM accounts_bootstrap) THEN
            RAISE EXCEPTION 'Every grant has a granter once the desk has its administrators.'
                USING ERRCODE = 'HF202';
        END IF;
        RETURN NEW;
    END IF;
    FOREACH person IN ARRAY array_remove(ARRAY[NEW.granted_by_id, NEW.approved_by_id], NULL) LOOP
        PERFORM FROM accounts_rolegrant
            WHERE user_id = person AND role = 'administrator'
              AND (ends_at IS NULL OR ends_at > now())
            FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'Only administrators grant roles.' USING ERRCODE = 'HF202';
        END IF;
    END LOOP;
    RETURN NEW;
END
$$;
CREATE TRIGGER role_grant_guard_new BEFORE INSERT ON accounts_rolegrant
    FOR EACH ROW EXECUTE FUNCTION accounts_guard_new_grant();

CREATE FUNCTION accounts_guard_changed_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.user_id, NEW.role, NEW.reason, NEW.starts_at)
            IS DISTINCT FROM (OLD.user_id, OLD.role, OLD.reason, OLD.starts_at)
       OR (NEW.granted_by_id, NEW.approved_by_id)
            IS DISTINCT FROM (OLD.granted_by_id, OLD.approved_by_id)
       OR (OLD.ends_at IS NOT NULL AND (NEW.ends_at IS NULL OR NEW.ends_at > OLD.ends_at)) THEN
        RAISE EXCEPTION 'A grant is only ever shortened. An extension is a grant of its own.'
            USING ERRCODE = 'HF204';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER role_grant_guard_changed BEFORE UPDATE ON accounts_rolegrant
    FOR EACH ROW EXECUTE FUNCTION accounts_guard_changed_grant();

CREATE FUNCTION accounts_guard_last_administrators() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('accounts: the last administrators'));
    IF (SELECT count(DISTINCT held.user_id)
            FROM accounts_rolegrant held JOIN accounts_user person ON person.id = held.user_id
            WHERE held.role = 'administrator' AND held.ends_at IS NULL AND person.is_active) < 2
    THEN
        RAISE EXCEPTION 'The last two administrators stay.' USING ERRCODE = 'HF203';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER role_grant_guard_last_administrators AFTER UPDATE OF ends_at ON accounts_rolegrant
    FOR EACH ROW WHEN (OLD.role = 'administrator' AND OLD.ends_at IS NULL
                       AND NEW.ends_at IS NOT NULL)
    EXECUTE FUNCTION accounts_guard_last_administrators();

CREATE FUNCTION accounts_guard_closed_administrator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM accounts_rolegrant
               WHERE user_id = NEW.id AND role = 'administrator' AND ends_at IS NULL) THEN
        RAISE EXCEPTION 'End the administrator''s role before the account is closed.'
            USING ERRCODE = 'HF203';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER user_guard_closed_administrator AFTER UPDATE OF is_active ON accounts_user
    FOR EACH ROW WHEN (OLD.is_active AND NOT NEW.is_active)
    EXECUTE FUNCTION accounts_guard_closed_administrator();

CREATE FUNCTION accounts_guard_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'pending' AND NEW IS DISTINCT FROM OLD
       OR (NEW.user_id, NEW.role, NEW.reason, NEW.ends_at, NEW.proposed_by_id)
            IS DISTINCT FROM (OLD.user_id, OLD.role, OLD.reason, OLD.ends_at, OLD.proposed_by_id)
    THEN
        RAISE EXCEPTION 'A proposal is decided once, as it was made.' USING ERRCODE = 'HF204';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER grant_proposal_guard BEFORE UPDATE ON accounts_grantproposal
    FOR EACH ROW EXECUTE FUNCTION accounts_guard_proposal();

REVOKE DELETE, TRUNCATE ON accounts_rolegrant, accounts_grantproposal, accounts_accessreview,
    accounts_bootstrap, accounts_apitoken, accounts_invitation FROM desk;
REVOKE UPDATE ON accounts_accessreview, accounts_bootstrap FROM desk;
"""

REVERSE = """
GRANT UPDATE ON accounts_accessreview, accounts_bootstrap TO desk;
GRANT DELETE ON accounts_rolegrant, accounts_grantproposal, accounts_accessreview,
    accounts_bootstrap, accounts_apitoken, accounts_invitation TO desk;
DROP TRIGGER grant_proposal_guard ON accounts_grantproposal;
DROP FUNCTION accounts_guard_proposal();
DROP TRIGGER user_guard_closed_administrator ON accounts_user;
DROP FUNCTION accounts_guard_closed_administrator();
DROP TRIGGER role_grant_guard_last_administrators ON accounts_rolegrant;
DROP FUNCTION accounts_guard_last_administrators();
DROP TRIGGER role_grant_guard_changed ON accounts_rolegrant;
DROP FUNCTION accounts_guard_changed_grant();
DROP TRIGGER role_grant_guard_new ON accounts_rolegrant;
DROP FUNCTION accounts_guard_new_grant();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_grants_invitations_sessions")]

    operations = [migrations.RunSQL(GUARD, REVERSE)]
