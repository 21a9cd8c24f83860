"""Notes for the next reviewer. They move no case version."""

from django.db import transaction

from accounts import audit
from accounts.models import User
from accounts.refusals import Refusal
from cases import writes
from cases.models import Case, Note


@transaction.atomic
def add_note(*, actor: User, case: Case, text: str) -> Note:
    """Leave a word on the case. Raises `Refusal` when there is nothing in it."""
    writes.require_on(case, actor, "cases.work_case")
    if not text.strip():
        raise Refusal("A note needs some text.")
    note = Note.objects.create(case=case, author=actor, text=text.strip())
    audit.record(actor=actor, verb="case.noted", target=case, changes={"note": note.pk})
    return note
