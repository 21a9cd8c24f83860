"""What the reporter is promised, and what cannot be promised.

Each sentence names what enforces it. A number in a sentence is read from the value that the
enforcing code reads (`intake.terms`), so the two cannot drift apart. A promise goes when its
measure goes.
"""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake import terms
from intake.vault import roster


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, and the code, setting or grant that makes it true."""

    text: str
    kept_by: str


def promises() -> list[Sentence]:
    """What is enforced by the program and not by good will."""
    return [
        _who_you_are(),
        Sentence(
            _(
                "Your network address and the name of your browser are removed before our "
                "program sees them, so it keeps them in no form."
            ),
            "intake.traces.without_traces",
        ),
        Sentence(
            _(
                "Your report is sealed as you send it. Without your receipt this website "
                "cannot open it again."
            ),
            "config.settings.intake",
        ),
        Sentence(
            _(
                "Only a coordinator who takes your report, and people they name, can open it. "
                "Each opening is recorded with its reason."
            ),
            "intake.reading.read",
        ),
        Sentence(
            _(
                "Files are sealed while they arrive. We make clean copies without hidden data, and "
                "destroy the originals unless you ask us to keep one."
            ),
            "intake.attachments.cleaning.clean",
        ),
        Sentence(
            ngettext(
                "What you type or add waits sealed. Unless you send it, it is erased at most "
                "%(count)d minute after you stop.",
                "What you type or add waits sealed. Unless you send it, it is erased at most "
                "%(count)d minutes after you stop.",
                terms.SESSION_ERASED_MINUTES,
            )
            % {"count": terms.SESSION_ERASED_MINUTES},
            "intake.retention.sweep_traces",
        ),
        Sentence(
            _(
                "A report that nobody takes up is deleted after %(unclaimed)d days. One that is "
                "closed is deleted %(closed)d days later. You can delete yours at any time."
            )
            % {"unclaimed": terms.UNCLAIMED_DAYS, "closed": terms.CLOSED_DAYS},
            "intake.retention.expire",
        ),
        Sentence(
            _(
                "If the law makes us keep a report longer, two people must agree, and that ends "
                "after %(days)d days at most. You can delete yours all the same."
            )
            % {"days": terms.HOLD_DAYS_AT_MOST},
            "intake.holds.agree",
        ),
    ]


def identity_terms() -> list[str]:
    """How who somebody is gets opened, said where they are asked for it."""
    return [
        _(
            "What you write here is sealed apart from your report. The people who read your "
            "report cannot open it."
        ),
        _(
            "To open it, one of them gives a reason, a notice waits in your inbox, and you have "
            "%(hours)d hours to object. Your objection stops it. Then two custodians, who read no "
            "reports, must agree."
        )
        % {"hours": terms.OBJECTION_HOURS},
        _(
            "In an emergency, such as danger to a life, the hours can be left out. The two "
            "custodians cannot."
        ),
        _(
            "One person sees it, for %(hours)d hours. It is erased %(days)d days after your "
            "report is closed, or when you delete your report."
        )
        % {
            "hours": terms.IDENTITY_VISIBLE_HOURS,
            "days": terms.IDENTITY_DAYS_AFTER_CLOSING,
        },
    ]


def _who_you_are() -> Sentence:
    if not roster.published(settings.INTAKE_PUBLIC_KEYS):
        return Sentence(
            _("We never ask for your name, e-mail address or phone number."),
            "intake.views.report",
        )
    return Sentence(
        _(
            "You need not say who you are. If you do, only two custodians together can open it. "
            "Unless there is an emergency, you have %(hours)d hours to object first."
        )
        % {"hours": terms.OBJECTION_HOURS},
        "intake.vault.requests.approve",
    )


def limits() -> list[Sentence]:
    """What no program can promise, said as plainly."""
    return [
        Sentence(
            _("Your network, your employer or a shared device may show that you were here."),
            "Tor Browser hides it from the network.",
        ),
        Sentence(
            _("The people who read your report may recognise you by what you write."),
            "Leave out what only you can know.",
        ),
        Sentence(
            _("What can be seen in a picture stays in it: faces, names, watermarks."),
            "The question about files says so again.",
        ),
        Sentence(
            _("Somebody who controls our server while you write could read along."),
            "docs/threat-model.md",
        ),
        Sentence(_("We cannot give you a lost receipt again."), "intake.receipts"),
    ]


def inbox_survives() -> str:
    """How long an inbox that nobody opens stays open."""
    return _(
        "If you do not open your inbox for %(days)d days it closes, even while we still work on "
        "your report."
    ) % {"days": terms.UNOPENED_INBOX_DAYS}
