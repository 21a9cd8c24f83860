"""Promise 16: a replayed, expired or concurrent proof of work sends one report at most."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import altcha
import pytest
import time_machine

from intake import proofs, terms
from intake.models import Report, SpentChallenge
from intake.proofs import Challenge
from tests.intake.zone import Reporter, as_the_zone


def payload(of: Challenge, **changes: object) -> str:
    """Solve a challenge as the script in the page does."""
    given = of.altcha
    solution = altcha.solve_challenge_v1(
        given["challenge"], given["salt"], given["algorithm"], given["maxnumber"]
    )
    assert solution is not None
    solved = {k: v for k, v in given.items() if k != "maxnumber"} | {"number": solution.number}
    return base64.b64encode(json.dumps(solved | changes).encode()).decode()


@pytest.fixture
def challenge(monkeypatch: pytest.MonkeyPatch) -> Challenge:
    # A smaller search for the tests: what is tested is what happens to the answer.
    monkeypatch.setattr(proofs, "HARDEST_NUMBER", 500)
    return proofs.new_challenge()


def test_a_solved_challenge_and_a_right_sum_are_accepted(challenge: Challenge) -> None:
    assert challenge.solved_by(answer="", payload=payload(challenge))
    assert challenge.solved_by(answer=f" {challenge.one + challenge.other} ", payload="")


@pytest.mark.parametrize("answer", ["", "0", "999999999999", "seven", "-3", "1e1"])
def test_a_wrong_sum_is_refused(challenge: Challenge, answer: str) -> None:
    assert not challenge.solved_by(answer=answer, payload="")


@pytest.mark.parametrize(
    "given",
    ["", "x", "e30=", base64.b64encode(b"[1]").decode(), base64.b64encode(b"\xff").decode()],
)
def test_what_is_no_payload_is_refused(challenge: Challenge, given: str) -> None:
    assert not challenge.solved_by(answer="", payload=given)


@pytest.mark.parametrize(
    "changes", [{"number": -1}, {"number": "1"}, {"challenge": "0" * 64}, {"salt": 5}]
)
def test_a_changed_payload_is_refused(challenge: Challenge, changes: dict[str, object]) -> None:
    assert not challenge.solved_by(answer="", payload=payload(challenge, **changes))


def test_the_solution_of_another_challenge_is_refused(challenge: Challenge) -> None:
    assert not challenge.solved_by(answer="", payload=payload(proofs.new_challenge()))


def test_an_expired_challenge_is_refused(challenge: Challenge) -> None:
    solved = payload(challenge)
    later = datetime.now(UTC) + timedelta(minutes=terms.SESSION_IDLE_MINUTES, seconds=5)
    with time_machine.travel(later):
        assert not challenge.solved_by(answer="", payload=solved)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_spent_challenge_is_refused(challenge: Challenge) -> None:
    """Shown to fail by leaving `proofs.spend` out of `submission.submit`."""
    with as_the_zone():
        proofs.spend(challenge)
        with pytest.raises(proofs.AlreadySpent):
            proofs.spend(challenge)
    assert SpentChallenge.objects.using("owner").count() == 1


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_same_form_sent_eight_times_at_once_is_one_report(reporter: Reporter) -> None:
    reporter.answer_questions()
    answer = reporter.sum()
    copies = [
        Reporter(reporter.socket, cookies=dict(reporter.cookies), page=reporter.page)
        for _ in range(8)
    ]
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda copy: copy.post("/en/form/", step="check", script="words", answer=answer),
                copies,
            )
        )
    assert Report.objects.count() == 1
