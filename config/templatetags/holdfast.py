"""The words and marks that every page shares.

A status is always a mark, a word and a colour together, so `st`, `chip` and `gauge` draw all three.
Times are given in UTC with their distance from now. A number never parts from its unit or its
thousands at a line end: the spaces inside one are no-break spaces.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django import template
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

NO_BREAK_SPACE = "\u00a0"

# The status families of the interface, each with the mark it has when nothing more exact fits.
FAMILY_MARKS = {
    "held": "held",
    "fault": "fault",
    "wait": "wait",
    "clear": "clear",
    "quiet": "quiet",
    "seal": "seal",
}

# One bar per hold stays countable at a glance up to here. The number beside it is always whole.
GAUGE_BARS_AT_MOST = 12


# Marks


# A page shows the same few marks in every row.
@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, css_class: str = "") -> SafeString:
    """Return the mark `name` of the sprite; it is decoration, so a word must stand beside it."""
    return format_html(
        '<svg class="i{}" viewBox="0 0 16 16" aria-hidden="true"><use href="#i-{}"/></svg>',
        f" {css_class}" if css_class else "",
        name,
    )


@register.simple_tag
def st(family: str, word: str, mark: str = "") -> SafeString:
    """Return a status to stand in a cell or a sentence: mark, word and colour of `family`."""
    return _status("st", family, word, mark)


@register.simple_tag
def chip(family: str, word: str, mark: str = "") -> SafeString:
    """Return a framed status, for a state that heads something."""
    return _status("chip", family, word, mark)


def _status(css_class: str, family: str, word: str, mark: str) -> SafeString:
    return format_html(
        '<span class="{}" data-s="{}">{}{}</span>',
        css_class,
        family,
        icon(mark or FAMILY_MARKS[family]),
        word,
    )


@register.simple_tag
def gauge(standing: int, lifted: int = 0) -> SafeString:
    """Return one bar per hold: filled bars stand, open bars were lifted.

    While one bar is filled the account stays down. No hold at all reads "None yet".
    """
    total = standing + lifted
    if not total:
        return mark_safe('<span class="xs faint">None yet</span>')
    bars = ["on"] * standing + ["off"] * lifted
    words = format_html("<b>{}</b>{}", standing, f" of{NO_BREAK_SPACE}{total}" if lifted else "")
    return format_html(
        '<span class="gauge"><i aria-hidden="true">{}</i><span aria-hidden="true">{}</span>'
        '<span class="sr">holds: {} standing, {} lifted</span></span>',
        format_html_join("", '<i class="{}"></i>', ((bar,) for bar in bars[:GAUGE_BARS_AT_MOST])),
        words,
        standing,
        lifted,
    )


@register.filter
def message_family(level_tag: str) -> str:
    """Return the status family of a message by Django's level name."""
    return {"success": "clear", "warning": "wait", "error": "fault"}.get(level_tag, "quiet")


# Addresses


@register.simple_tag
def row_url(name: str, number: int) -> str:
    """Return the address of one row of many. The route is looked up once, not for each row."""
    before, after = _route(name, get_script_prefix(), get_urlconf())
    return f"{before}{number}{after}"


@lru_cache(maxsize=64)
def _route(name: str, prefix: str, urlconf: str | None) -> tuple[str, str]:
    """What stands before and after the number. The last two arguments only keep places apart."""
    stand_in = 9_087_654_321
    before, _, after = reverse(name, args=[stand_in]).partition(str(stand_in))
    return before, after


# Numbers


@register.filter
def thousands(number: int) -> str:
    """Return `number` grouped by thousands with no-break spaces: 19 391."""
    return f"{number:,}".replace(",", NO_BREAK_SPACE)


@register.filter
def reach(followers: int | None) -> str:
    """Return a follower count as people say it: 870, 9 310, 388K, 3.2M. None is "reach unknown"."""
    if followers is None:
        return "reach unknown"
    if followers < 10_000:
        return thousands(followers)
    if followers < 999_500:
        return f"{followers / 1_000:.0f}K"
    return f"{followers / 1_000_000:.1f}".removesuffix(".0") + "M"


@register.filter
def short_hash(digest: str) -> str:
    """Return the first and last letters of a hexadecimal digest, enough to compare by eye."""
    return digest if len(digest) <= 12 else f"{digest[:6]}…{digest[-4:]}"


# Times


@register.filter
def duration(span: timedelta) -> str:
    """Return a length of time in its two largest useful units: 45 s, 22 min, 1 h 05, 3 d 6 h."""
    seconds = max(int(span.total_seconds()), 0)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 1:
        words = f"{seconds} s"
    elif hours < 1:
        words = f"{minutes} min"
    elif days < 2:
        words = f"{hours} h {minutes % 60:02}" if minutes % 60 else f"{hours} h"
    elif days < 7 and hours % 24:
        words = f"{days} d {hours % 24} h"
    else:
        words = f"{days} days"
    return words.replace(" ", NO_BREAK_SPACE)


@register.filter
def until(moment: datetime) -> str:
    """Return how far off a time limit is: "in 1 h 10", or "1 h 05 over" once it has passed."""
    left = moment - timezone.now()
    if left < timedelta(0):
        return f"{duration(-left)}{NO_BREAK_SPACE}over"
    return f"in{NO_BREAK_SPACE}{duration(left)}"


@register.filter
def since(moment: datetime) -> str:
    """Return how long ago something happened: "6 h ago"; under a minute it is "just now"."""
    gone = timezone.now() - moment
    if gone < timedelta(minutes=1):
        return "just now"
    return f"{duration(gone)}{NO_BREAK_SPACE}ago"


@register.filter
def clock(moment: datetime) -> str:
    """Return a time in UTC as short as it stays clear: 13:15, 22 Nov, 08:19, or 20 Dec 2017."""
    moment, today = moment.astimezone(UTC), timezone.now().astimezone(UTC).date()
    if moment.date() == today:
        return f"{moment:%H:%M}"
    if moment.year == today.year:
        return f"{moment.day} {moment:%b, %H:%M}".replace(" ", NO_BREAK_SPACE)
    return f"{moment.day} {moment:%b %Y}".replace(" ", NO_BREAK_SPACE)


@register.filter
def iso(moment: datetime) -> str:
    """Return a time for machines, in UTC to the second: 2026-11-22T13:15:04Z."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@register.simple_tag
def moment(value: datetime) -> SafeString:
    """Return a `<time>` that reads short and keeps the whole UTC time for who points at it."""
    value = value.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        iso(value),
        f"{value.day} {value:%b %Y, %H:%M:%S} UTC",
        clock(value),
    )


@register.simple_tag
def due(value: datetime) -> SafeString:
    """Return a due time over two lines: when it is and how far off, red only once it has passed."""
    value, now = value.astimezone(UTC), timezone.now().astimezone(UTC)
    if value < now:
        first, second = st("fault", until(value)), f"due {clock(value)}"
    elif value.date() == now.date():
        first, second = st("wait", clock(value), "clock"), until(value)
    else:
        day = f"{value:%a} {value.day} {value:%b}".replace(" ", NO_BREAK_SPACE)
        first, second = format_html("{}", day), until(value)
    return format_html(
        '<div class="two end"><time datetime="{}">{}</time><span>{}</span></div>',
        iso(value),
        first,
        second,
    )


# The match score


@dataclass(frozen=True)
class _Label:
    x: float
    text: str
    css_class: str


CHART_WIDTH = 480
# About the room two labels at chart type need side by side, in view box units.
LABEL_ROOM = 200


@register.inclusion_tag("components/score.html")
def score_chart(
    score: float, threshold: float, lowered_score: float | None = None, lowered_by: str = ""
) -> dict[str, object]:
    """Draw a match score between 0 and 1 on its line, and say what would have lowered it.

    `threshold` is the score from which a case opens. `lowered_score` is the score the same pair
    would have had `lowered_by` ("with another birth date"); leave both out when nothing applies.
    """
    pair_x, threshold_x = round(score * CHART_WIDTH), round(threshold * CHART_WIDTH)
    summary = f"Score {score:.3g}. A case opens from {threshold:.2f}."
    below: list[_Label] = []
    lowered_x = None
    if lowered_score is not None:
        lowered_x = round(lowered_score * CHART_WIDTH)
        below.append(_placed(lowered_x, f"{lowered_score:.3g} {lowered_by}", "", wide=True))
        summary += (
            f" {lowered_by[:1].upper()}{lowered_by[1:]} this pair would score {lowered_score:.3g}."
        )
    if lowered_x is None or pair_x - lowered_x >= LABEL_ROOM * 0.8:
        below.append(_placed(pair_x, "this pair", "accent-t"))
    return {
        "score": f"{score:.3g}",
        "summary": summary,
        "width": CHART_WIDTH,
        "pair_x": pair_x,
        "threshold_x": threshold_x,
        "lowered_x": lowered_x,
        "above": _placed(threshold_x, f"{threshold:.2f} opens a case", "", wide=True),
        "below": below,
        # The ends of the line are named only where no other label needs the place.
        "names_start": all(label.x > LABEL_ROOM * 0.6 for label in below),
        "names_end": all(label.x < CHART_WIDTH - 35 for label in below),
    }


def _placed(x: float, text: str, css_class: str, *, wide: bool = False) -> _Label:
    """Return a label centred over `x`, or leaning inwards where it would leave the chart."""
    half = LABEL_ROOM / 2 if wide else 30
    if x < half:
        return _Label(x, text, css_class)
    if x > CHART_WIDTH - half:
        return _Label(x, text, f"{css_class} end".strip())
    return _Label(x, text, f"{css_class} mid".strip())
