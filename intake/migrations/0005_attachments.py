"""Files that come with reports, and what each side may do with them.

A row goes with the report or the session it belongs to. The zone reads and writes no row by
itself: its doors ask for the lookup id of a report, or for a cookie's half. The desk settles a
file and cannot add, move or take one away.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import intake.columns

RULES = """
ALTER TABLE intake_attachment
    ADD CONSTRAINT attachment_goes_with_its_report
        FOREIGN KEY (report_id) REFERENCES intake_report ON DELETE CASCADE,
    ADD CONSTRAINT attachment_goes_with_its_session
        FOREIGN KEY (session_id) REFERENCES intake_zonesession ON DELETE CASCADE;
REVOKE INSERT, UPDATE, DELETE ON intake_attachment FROM desk;
GRANT UPDATE (state, tries, original, cleaned, finding, is_recorded) ON intake_attachment TO desk;
"""

REVERSE_RULES = """
ALTER TABLE intake_attachment
    DROP CONSTRAINT attachment_goes_with_its_report,
    DROP CONSTRAINT attachment_goes_with_its_session;
"""

DOORS = """
CREATE FUNCTION intake_file_add(owner bytea, of_session boolean, file uuid, original text,
                                details bytea, most integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    in_session bytea;
    in_report uuid;
    already integer;
BEGIN
    IF of_session THEN
        SELECT s.digest INTO in_session FROM intake_zonesession s
            WHERE s.digest = sha256(owner) AND s.ends_at > now() FOR UPDATE;
    ELSE
        SELECT r.id INTO in_report FROM intake_report r
            WHERE r.lookup_digest = sha256(owner) FOR NO KEY UPDATE;
    END IF;
    IF in_session IS NULL AND in_report IS NULL THEN
        RETURN 'gone';
    END IF;
    SELECT count(*) INTO already FROM intake_attachment a
        WHERE a.session_id = in_session OR a.report_id = in_report;
    IF already >= most THEN
        RETURN 'full';
    END IF;
    INSERT INTO intake_attachment (id, report_id, session_id, state, tries, original, cleaned,
                                   details, is_recorded)
        VALUES (file, in_report, in_session, 'waiting', 0, intake_file_add.original, '',
                intake_file_add.details, false);
    RETURN 'added';
END
$$;

CREATE FUNCTION intake_files(owner bytea, of_session boolean)
RETURNS TABLE (id uuid, state text, original text, cleaned text, details bytea, finding bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT a.id, a.state, a.original, a.cleaned, a.details, a.finding FROM intake_attachment a
    WHERE CASE WHEN of_session THEN a.session_id = sha256(owner)
               ELSE a.report_id = intake_report_of(owner) END
    ORDER BY a.id
$$;

CREATE FUNCTION intake_file_remove(half bytea, file uuid) RETURNS text
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM intake_attachment WHERE id = file AND session_id = sha256(half)
    RETURNING original
$$;

CREATE FUNCTION intake_files_adopt(half bytea, report uuid, files uuid[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    adopted integer;
BEGIN
    UPDATE intake_attachment SET report_id = intake_files_adopt.report, session_id = NULL
        WHERE id = ANY (files) AND session_id = sha256(half);
    GET DIAGNOSTICS adopted = ROW_COUNT;
    RETURN adopted;
END
$$;

-- The session goes on under a fresh cookie, and takes its files along.
CREATE FUNCTION intake_session_move(half bytea, new_half bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO intake_zonesession (digest, content, ends_at)
        SELECT sha256(new_half), content, ends_at FROM intake_zonesession
        WHERE digest = sha256(half);
    UPDATE intake_attachment SET session_id = sha256(new_half) WHERE session_id = sha256(half);
    DELETE FROM intake_zonesession WHERE digest = sha256(half);
END
$$;

REVOKE EXECUTE ON FUNCTION
    intake_file_add(bytea, boolean, uuid, text, bytea, integer), intake_files(bytea, boolean),
    intake_file_remove(bytea, uuid), intake_files_adopt(bytea, uuid, uuid[]),
    intake_session_move(bytea, bytea)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    intake_file_add(bytea, boolean, uuid, text, bytea, integer), intake_files(bytea, boolean),
    intake_file_remove(bytea, uuid), intake_files_adopt(bytea, uuid, uuid[]),
    intake_session_move(bytea, bytea)
TO intake;
"""

REVERSE_DOORS = """
DROP FUNCTION
    intake_file_add(bytea, boolean, uuid, text, bytea, integer), intake_files(bytea, boolean),
    intake_file_remove(bytea, uuid), intake_files_adopt(bytea, uuid, uuid[]),
    intake_session_move(bytea, bytea);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0004_partners"),
    ]

    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for its clean copy"),
                            ("clean", "Clean copy"),
                            ("refused", "Refused"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("original", models.CharField(blank=True, max_length=32)),
                ("cleaned", models.CharField(blank=True, max_length=32)),
                ("details", intake.columns.SealedField()),
                ("finding", intake.columns.SealedField(null=True)),
                ("is_recorded", models.BooleanField(default=False)),
                (
                    "report",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="intake.report",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="intake.zonesession",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("report__isnull", False), ("state", "waiting")),
                        fields=["id"],
                        name="attachment_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "clean", "refused"])),
                        name="attachment_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("report__isnull", False), ("session__isnull", True)),
                            models.Q(
                                ("report__isnull", True),
                                ("session__isnull", False),
                                ("state", "waiting"),
                            ),
                            _connector="OR",
                        ),
                        name="attachment_of_a_report_or_a_session",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("cleaned", ""),
                                ("finding__isnull", True),
                                ("state", "waiting"),
                                models.Q(("original", ""), _negated=True),
                            ),
                            models.Q(
                                ("finding__isnull", False),
                                ("state", "clean"),
                                models.Q(("cleaned", ""), _negated=True),
                            ),
                            models.Q(
                                ("cleaned", ""), ("finding__isnull", False), ("state", "refused")
                            ),
                            _connector="OR",
                        ),
                        name="attachment_has_what_its_state_says",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("original", ""), _negated=True),
                        fields=("original",),
                        name="attachment_original_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("cleaned", ""), _negated=True),
                        fields=("cleaned",),
                        name="attachment_cleaned_once",
                    ),
                ],
            },
        ),
        migrations.RunSQL(RULES, REVERSE_RULES),
        migrations.RunSQL(DOORS, REVERSE_DOORS),
    ]
