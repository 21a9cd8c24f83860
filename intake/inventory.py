"""Every column that holds ciphertext, in one place.

A test compares it with the models, so that no sealed column is added unseen. `holder` says
which key opens the column.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SealedColumn:
    table: str
    column: str
    holder: str


REPORT_KEY = "report key"
DESK_OR_RECEIPT = "epoch private key, or the receipt with the epoch pepper"
IDENTITY_KEY = "the identity key, which two custodians' halves make"
CUSTODIAN_KEY = "a custodian's private key"
CUSTODIANS_WORDS = "Argon2id of a custodian's passphrase"
REQUESTERS_WORDS = "the words that only the requester was shown"
ONE_TIME_KEY = "the request's one-time private key"
COOKIE_HALF = "the half that only the reporter's cookie holds"

SEALED_COLUMNS = (
    SealedColumn("intake_report", "accounts", REPORT_KEY),
    SealedColumn("intake_report", "person", REPORT_KEY),
    SealedColumn("intake_report", "narrative", REPORT_KEY),
    SealedColumn("intake_report", "languages", REPORT_KEY),
    SealedColumn("intake_report", "summary", REPORT_KEY),
    SealedColumn("intake_report", "message_count", REPORT_KEY),
    SealedColumn("intake_message", "text", REPORT_KEY),
    SealedColumn("intake_attachment", "details", REPORT_KEY),
    SealedColumn("intake_attachment", "finding", REPORT_KEY),
    SealedColumn("intake_keywrap", "wrapped", DESK_OR_RECEIPT),
    SealedColumn("intake_identity", "content", IDENTITY_KEY),
    SealedColumn("intake_identityshare", "sealed", CUSTODIAN_KEY),
    SealedColumn("intake_custodiankey", "locked_private", CUSTODIANS_WORDS),
    SealedColumn("intake_identityrequest", "one_time_private", REQUESTERS_WORDS),
    SealedColumn("intake_identityrequest", "first_half", ONE_TIME_KEY),
    SealedColumn("intake_identityrequest", "second_half", ONE_TIME_KEY),
    SealedColumn("intake_zonesession", "content", COOKIE_HALF),
)
