"""Each event of the record has words, and words are all it can bring to a page."""

from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import AuditEvent
from cases import timeline
from cases.timeline import WORDS


def event(verb: str, **fields: object) -> AuditEvent:
    defaults = {
        "at": timezone.now(),
        "actor_service": "reconciler",
        "object_type": "hold",
        "object_id": "4",
        "changes": {},
    }
    return AuditEvent(verb=verb, **{**defaults, **fields})


def told(verb: str, **fields: object) -> str:
    return timeline.rows([event(verb, **fields)])[0].what


def test_every_verb_reads_without_a_gap_when_its_changes_are_there() -> None:
    changes = {
        "outcome": "suspend",
        "state": ["open", "waiting"],
        "action": "suspend",
        "kind": "drift",
        "adjudication": ["open", "no_match"],
        "rule": "holds_stand",
    }
    for verb in WORDS:
        words = told(verb, changes=changes)
        assert "{" not in words
        assert not words.rstrip().endswith(":")


def test_a_pair_of_states_is_told_by_the_later_one() -> None:
    assert told("case.moved", changes={"state": ["open", "with_counsel"]}) == (
        "Case moved to “With counsel”"
    )


def test_a_decision_of_one_person_is_not_called_approved() -> None:
    assert told("decision.approved", changes={"outcome": "need_more", "needs_second": False}) == (
        "Decided: Need more"
    )
    assert told("decision.approved", changes={"outcome": "restore", "needs_second": True}) == (
        "Approved: Restore"
    )


def test_a_name_is_used_where_it_is_known() -> None:
    row = timeline.rows([event("hold.placed")], {"hold:4": "Designation, OFAC 23343"})[0]

    assert row.what == "Hold placed: Designation, OFAC 23343"
    assert row.by == "Reconciler"


def test_an_unknown_verb_is_shown_by_its_name() -> None:
    assert told("network.joined") == "network joined"


def test_braces_and_markup_in_a_change_are_only_text() -> None:
    rows = timeline.rows(
        [event("refused", changes={"rule": "{verb}<script>"}, reason="<img src=x>")]
    )
    html = render_to_string("components/timeline.html", {"events": rows})

    assert "<script>" not in html
    assert "<img" not in html
    assert "{verb}&lt;script&gt;" in html
