"""How long things are kept and how much is taken: each value is enforced and promised.

The retention run, the zone's sessions and the forms read these, and so do the sentences that a
reporter reads (`intake.promises`). Both zones run the same release, so both hold the same terms.
"""

UNCLAIMED_DAYS = 90
CLOSED_DAYS = 180
# The reporter's wrap is made anew whenever the inbox is opened. One that nobody opened for so
# long goes, and its epoch can be destroyed.
UNOPENED_INBOX_DAYS = 365
# A legal hold keeps a report from being deleted by itself, and ends. Its reporter may delete it.
HOLD_DAYS_AT_MOST = 365
SPENT_CHALLENGE_DAYS = 2

SESSION_IDLE_MINUTES = 20
# The end of a session is rounded up to five minutes, and what ended is swept every five.
SESSION_SWEEP_MINUTES = 5
SESSION_ERASED_MINUTES = SESSION_IDLE_MINUTES + 5 + SESSION_SWEEP_MINUTES

MOST_NARRATIVE_CHARACTERS = 200_000
MOST_MESSAGE_CHARACTERS = 20_000
MOST_LINE_CHARACTERS = 2_000
MOST_ACCOUNTS_CHARACTERS = 10_000
MOST_MESSAGES = 200
MOST_FILES = 10
MOST_FILE_MEGABYTES = 25
MOST_PAGES = 100
MOST_MEGAPIXELS = 32

# Global limits: whoever asks, so that no address has to be kept.
FREE_RECEIPT_TRIES_PER_WINDOW = 60
REPORTS_PER_WINDOW = 100
LIMIT_WINDOW_MINUTES = 10

# Where the exit leads: a page that many open, and that says nothing about who does.
EXIT_URL = "https://www.wikipedia.org/"

# A grant to read ends by itself.
GRANT_DAYS = 30

# Who somebody is. The database holds the hours too: no request is made with less, no release
# lasts longer.
OBJECTION_HOURS = 24
IDENTITY_VISIBLE_HOURS = 72
IDENTITY_DAYS_AFTER_CLOSING = 30
# A request that custodians left alone.
IDENTITY_REQUEST_DAYS = 14
# Together at most 3,000 bytes: every identity is sealed at one size.
MOST_IDENTITY_CHARACTERS = 250
