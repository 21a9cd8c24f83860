"""What an incident's page tells: how long, how far it reached, what stood and what was sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from platforms.models import Enforcement, Hold, Incident
from platforms.models.holds import KEEPS_DOWN


@dataclass(frozen=True, slots=True)
class Event:
    """One line of what happened, as the timeline component takes it."""

    family: str
    mark: str
    at: datetime
    what: str
    by: str


@dataclass(frozen=True, slots=True)
class Rung:
    """A hold that stood meanwhile, as the ladder component takes it."""

    why: str
    meta: str
    lifted: bool


@dataclass(frozen=True)
class Account:
    """The whole story of one incident. Three queries."""

    incident: Incident
    holds: list[Hold]
    enforcements: list[Enforcement]

    @property
    def exposure(self) -> timedelta:
        return timedelta(hours=self.incident.exposure_hours)

    @property
    def found_after(self) -> timedelta:
        return self.incident.seen_at - self.incident.began_at

    @property
    def found_to_contained(self) -> timedelta | None:
        ended = self.incident.contained_at
        return None if ended is None else ended - self.incident.seen_at

    @property
    def person_hours(self) -> int:
        """Followers times hours: how many could have met the account while it was up."""
        return round(self.incident.exposure_reach_hours)

    @property
    def standing(self) -> int:
        return sum(hold.stands for hold in self.holds)

    @property
    def lifted(self) -> int:
        return len(self.holds) - self.standing

    @property
    def ladder(self) -> list[Rung]:
        return [
            Rung(
                hold.title,
                f"placed {hold.placed_at:%d %b %Y}"
                + (f", lifted {hold.released_at:%d %b %Y}" if hold.released_at else "")
                + (f"; {hold.detail}" if hold.detail else ""),
                not hold.stands,
            )
            for hold in self.holds
        ]

    @property
    def timeline(self) -> list[Event]:
        """Newest first."""
        incident = self.incident
        drift = incident.kind == Incident.Kind.DRIFT
        events = [
            Event(
                "quiet", "held", incident.began_at, _BEGAN[drift], incident.profile.platform.name
            ),
            Event("fault", "up" if drift else "nodata", incident.seen_at, _SEEN[drift], ""),
        ]
        for sent in self.enforcements:
            action = sent.get_action_display()
            cause = sent.get_cause_display().lower()
            events.append(
                Event("held", "arrow", sent.created_at, f"{action} queued", f"by {cause}")
            )
            if sent.settled_at is not None:
                done = sent.state == Enforcement.State.CONFIRMED
                events.append(
                    Event(
                        "clear" if done else "wait",
                        "clear" if done else "clock",
                        sent.settled_at,
                        f"{action}: {sent.get_state_display().lower()}",
                        sent.problem,
                    )
                )
        if incident.contained_at is not None:
            events.append(Event("held", "held", incident.contained_at, _CONTAINED[drift], ""))
        if incident.closed_at is not None:
            by = incident.closed_by.name if incident.closed_by else ""
            events.append(Event("clear", "clear", incident.closed_at, "Closed with its cause", by))
        return sorted(events, key=lambda event: event.at, reverse=True)


_BEGAN = {True: "Last time it was known to be down", False: "Last time it could be read"}
_SEEN = {True: "Seen up while a hold stood", False: "Three cadences passed without a reading"}
_CONTAINED = {True: "Read as down again", False: "Readable again"}


def account_of(incident: Incident) -> Account:
    """Gather what stood and what was sent from the incident's beginning to its containment."""
    ended = incident.contained_at or timezone.now()
    holds = Hold.objects.filter(
        Q(released_at__isnull=True) | Q(released_at__gt=incident.began_at),
        profile=incident.profile,
        effect__in=KEEPS_DOWN,
        placed_at__lte=ended,
    )
    enforcements = Enforcement.objects.filter(
        profile=incident.profile, created_at__gte=incident.began_at, created_at__lte=ended
    )
    return Account(
        incident,
        list(holds.order_by("placed_at", "pk")),
        list(enforcements.order_by("created_at", "pk")),
    )
