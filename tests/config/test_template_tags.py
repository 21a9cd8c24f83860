"""The words and marks that every page shares: nothing here touches the database."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.template import Context, Template
from django.urls import clear_script_prefix, reverse, set_script_prefix
from hypothesis import given
from hypothesis import strategies as some

from config.templatetags import holdfast

NOW = datetime(2026, 11, 22, 14, 20, tzinfo=UTC)
TEMPLATES = Path(settings.BASE_DIR) / "templates"


def spaced(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.fixture(autouse=True)
def _at_twenty_past_two():
    with time_machine.travel(NOW, tick=False):
        yield


class TestMarks:
    def test_a_status_is_a_mark_a_word_and_a_family(self):
        assert holdfast.st("held", "Down") == (
            '<span class="st" data-s="held"><svg class="i" viewBox="0 0 16 16" aria-hidden="true">'
            '<use href="#i-held"/></svg>Down</span>'
        )

    def test_a_status_may_take_a_more_exact_mark(self):
        assert "#i-two" in holdfast.chip("wait", "Second reviewer needed", "two")

    def test_it_refuses_a_family_that_is_not_in_the_vocabulary(self):
        with pytest.raises(KeyError):
            holdfast.st("blocked", "Blocked")

    def test_a_word_from_outside_is_escaped(self):
        assert "<b>" not in holdfast.st("held", "<b>Down</b>")

    def test_every_mark_a_template_names_is_in_the_sprite(self):
        drawn = set(re.findall(r'id="i-(\w+)"', (TEMPLATES / "components/sprite.html").read_text()))
        named = {
            name
            for page in TEMPLATES.rglob("*.html")
            for name in re.findall(r'{% icon "(\w+)"', page.read_text())
        }
        assert named
        assert named | set(holdfast.FAMILY_MARKS.values()) <= drawn

    def test_no_template_carries_a_style_or_a_script_of_its_own(self):
        # A block of JSON is data: no browser runs it, and no policy has to allow it.
        inline = re.compile(
            r'\sstyle="|\son\w+="|<style|<script(?![^>]*\ssrc=)(?![^>]*"application/json")'
        )
        offenders = [
            str(page.relative_to(TEMPLATES))
            for page in TEMPLATES.rglob("*.html")
            if inline.search(page.read_text())
        ]
        assert offenders == []


class TestGauge:
    def test_it_draws_a_filled_bar_for_each_standing_hold_and_an_open_one_for_each_lifted(self):
        drawn = holdfast.gauge(5, 1)
        assert drawn.count('<i class="on">') == 5
        assert drawn.count('<i class="off">') == 1

    def test_it_says_in_words_what_it_draws(self):
        assert "holds: 5 standing, 1 lifted" in holdfast.gauge(5, 1)
        assert "<b>5</b> of 6" in spaced(holdfast.gauge(5, 1))

    def test_without_any_hold_it_says_none_yet(self):
        assert "None yet" in holdfast.gauge(0, 0)

    def test_all_lifted_is_not_the_same_as_none(self):
        assert "<b>0</b> of 3" in spaced(holdfast.gauge(0, 3))

    @given(standing=some.integers(1, 200), lifted=some.integers(0, 200))
    def test_while_a_hold_stands_the_first_bar_is_filled(self, standing, lifted):
        first = re.search(r'<i class="(on|off)">', holdfast.gauge(standing, lifted))
        assert first is not None
        assert first[1] == "on"


class TestNumbers:
    @pytest.mark.parametrize(
        ("followers", "words"),
        [
            (None, "reach unknown"),
            (0, "0"),
            (870, "870"),
            (9_310, "9 310"),
            (10_000, "10K"),
            (388_400, "388K"),
            (999_499, "999K"),
            (999_500, "1M"),
            (3_200_000, "3.2M"),
            (12_000_000, "12M"),
        ],
    )
    def test_reach_reads_as_people_say_it(self, followers, words):
        assert spaced(holdfast.reach(followers)) == words

    @given(some.integers(0, 10**12))
    def test_a_grouped_number_keeps_its_digits_and_never_breaks(self, number):
        grouped = holdfast.thousands(number)
        assert " " not in grouped
        assert grouped.replace(holdfast.NO_BREAK_SPACE, "") == str(number)

    def test_a_hash_keeps_both_ends(self):
        assert holdfast.short_hash("9f2c41" + "0" * 54 + "e07a") == "9f2c41…e07a"


class TestTimes:
    @pytest.mark.parametrize(
        ("span", "words"),
        [
            (timedelta(seconds=45), "45 s"),
            (timedelta(minutes=22, seconds=59), "22 min"),
            (timedelta(hours=1, minutes=5), "1 h 05"),
            (timedelta(hours=4), "4 h"),
            (timedelta(hours=47, minutes=30), "47 h 30"),
            (timedelta(days=3, hours=6), "3 d 6 h"),
            (timedelta(days=2), "2 days"),
            (timedelta(days=30, hours=5), "30 days"),
        ],
    )
    def test_a_length_has_its_two_largest_useful_units(self, span, words):
        assert spaced(holdfast.duration(span)) == words

    def test_a_limit_ahead_says_in_how_long(self):
        assert spaced(holdfast.until(NOW + timedelta(minutes=70))) == "in 1 h 10"

    def test_a_limit_behind_says_by_how_much(self):
        assert spaced(holdfast.until(NOW - timedelta(minutes=65))) == "1 h 05 over"

    def test_what_happened_says_how_long_ago(self):
        assert spaced(holdfast.since(NOW - timedelta(hours=6))) == "6 h ago"
        assert holdfast.since(NOW - timedelta(seconds=5)) == "just now"

    @pytest.mark.parametrize(
        ("moment", "words"),
        [
            (datetime(2026, 11, 22, 13, 15, tzinfo=UTC), "13:15"),
            (datetime(2026, 11, 2, 8, 19, tzinfo=UTC), "2 Nov, 08:19"),
            (datetime(2017, 12, 20, 9, 0, tzinfo=UTC), "20 Dec 2017"),
        ],
    )
    def test_a_clock_is_as_short_as_it_stays_clear(self, moment, words):
        assert spaced(holdfast.clock(moment)) == words

    def test_a_time_from_another_zone_is_shown_in_utc(self):
        far = datetime.fromisoformat("2026-11-22T18:15:00+05:00")
        assert holdfast.clock(far) == "13:15"
        assert 'datetime="2026-11-22T13:15:00Z"' in holdfast.moment(far)

    def test_a_due_time_is_red_only_once_it_has_passed(self):
        assert 'data-s="fault"' in holdfast.due(NOW - timedelta(minutes=1))
        assert 'data-s="wait"' in holdfast.due(NOW + timedelta(minutes=1))
        assert "data-s" not in holdfast.due(NOW + timedelta(days=2))


class TestScoreChart:
    def drawn(self, tag: str) -> str:
        return Template("{% load holdfast %}" + tag).render(Context())

    def test_its_text_alternative_states_the_finding(self):
        drawn = self.drawn('{% score_chart 0.909 0.7 0.509 "with another birth date" %}')
        assert (
            'aria-label="Score 0.909. A case opens from 0.70. '
            'With another birth date this pair would score 0.509."'
        ) in drawn

    def test_it_leaves_out_a_label_that_would_cover_another(self):
        drawn = self.drawn('{% score_chart 0.75 0.7 0.69 "with another country" %}')
        assert "0.69 with another country" in drawn
        assert "this pair<" not in drawn

    @given(score=some.floats(0, 1), threshold=some.floats(0, 1))
    def test_every_label_lies_within_the_chart(self, score, threshold):
        drawn = holdfast.score_chart(score, threshold)
        for label in [*drawn["below"], drawn["above"]]:
            assert 0 <= label.x <= holdfast.CHART_WIDTH


class TestAddresses:
    def test_the_address_of_a_row_is_the_one_its_route_gives(self):
        for number in (1, 42, 9_087_654_321):
            expected = reverse("cases:release_lease", args=[number])
            assert holdfast.row_url("cases:release_lease", number) == expected

    def test_it_follows_the_place_where_the_desk_is_mounted(self):
        set_script_prefix("/desk/")
        try:
            assert holdfast.row_url("cases:case", 7) == "/desk/cases/7/"
        finally:
            clear_script_prefix()
        assert holdfast.row_url("cases:case", 7) == "/cases/7/"
