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
    SealedColumn("intake_zonesession", "content", COOKIE_HALF),
)
