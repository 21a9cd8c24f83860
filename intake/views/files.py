"""Files on the pages of the reports' side: the question about them, and what went wrong."""

import uuid
from typing import Any

from django.utils.translation import gettext as _

from intake import inbox, terms, uploads
from intake.attachments import arrivals, kinds
from intake.attachments.arriving import Problem
from intake.attachments.refused import Why
from intake.inbox import OpenInbox
from intake.middleware import ZoneRequest


def taken(request: ZoneRequest) -> bool:
    """Keep the file that came with a request, and tell whether there was one.

    Raises `NotTaken`.
    """
    return uploads.keep(request, keeps_original="keep" in request.POST)


def question(request: ZoneRequest, problem: Problem | None) -> dict[str, Any]:
    """What the question about files shows. From here on the session can hold files."""
    arrivals.begin(request.visit)
    return upload_field(problem) | {"files": added(request)}


def upload_field(problem: Problem | None) -> dict[str, Any]:
    """What a page shows where a file can be chosen."""
    return {
        "problem": said_of(problem) if problem else "",
        "accept": ",".join(kinds.ACCEPTED_EXTENSIONS),
        "most_files": terms.MOST_FILES,
        "most_megabytes": terms.MOST_FILE_MEGABYTES,
    }


def added(request: ZoneRequest) -> list[arrivals.Listed]:
    """The files of the report that is being written."""
    folder = arrivals.folder_of(request.visit)
    return arrivals.listed(folder) if folder else []


def sent(opened: OpenInbox) -> list[tuple[arrivals.Listed, str]]:
    """The files of an opened inbox's report, each with why it was refused, if it was.

    Their names are not shown: whoever finds a receipt must not read what was sent.
    """
    folder = inbox.folder_of(opened)
    return [
        (file, why_refused(file.finding.why) if file.finding and file.finding.why else "")
        for file in (arrivals.listed(folder) if folder else [])
    ]


def remove(request: ZoneRequest, file: str) -> None:
    """Take a file of the report that is being written back. Any other is left alone."""
    folder = arrivals.folder_of(request.visit)
    try:
        wanted = uuid.UUID(file)
    except ValueError:
        return
    if folder:
        arrivals.remove(folder, wanted)


def said_of(problem: Problem) -> str:
    """Say why a file was not taken, and what helps."""
    match problem:
        case Problem.TOO_LARGE:
            return _(
                "This file is larger than %(most)d MB, so it was not kept. Send a smaller copy of "
                "it, or a part."
            ) % {"most": terms.MOST_FILE_MEGABYTES}
        case Problem.NO_SUCH_KIND:
            return _(
                "We cannot take this kind of file. We take JPEG, PNG, WebP and HEIC pictures, PDF "
                "and plain text (TXT)."
            )
        case Problem.NOT_ITS_KIND:
            return _(
                "The content of this file is not what its name says, so it was not kept. Save it "
                "again as the kind it is."
            )
        case Problem.EMPTY:
            return _("This file is empty.")
        case Problem.ONE_AT_A_TIME:
            return _("Add one file at a time. Only the first one may have arrived.")
        case Problem.CUT_OFF:
            return _("The file did not arrive whole, so nothing of it was kept. Send it again.")
        case Problem.TOO_MANY:
            return _("A report takes %(most)d files. Remove one to add another.") % {
                "most": terms.MOST_FILES
            }
        case Problem.NOWHERE:
            return _("You were away for too long, so the file was not kept. Add it again.")


def why_refused(why: Why) -> str:
    """Tell a reporter why no clean copy of their file could be made."""
    match why:
        case Why.TOO_LARGE_INSIDE | Why.TOO_MANY_PAGES | Why.BEYOND_LIMITS:
            return _("It is too large to be copied. Send a part of it, or a smaller picture.")
        case Why.LOCKED:
            return _("It has a password. Send it without one.")
        case Why.NOT_UTF8:
            return _("Its letters could not be read. Save it as UTF-8.")
        case Why.MALWARE:
            return _("It holds a harmful program.")
        case Why.BROKEN | Why.TWO_KINDS | Why.NOT_CLEAN | Why.CHANGED:
            return _("It is damaged, or not what its name says. Save it anew and send that.")
