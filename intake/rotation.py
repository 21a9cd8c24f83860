"""Key epochs over time: begin one, move reports to it, destroy an old one.

Rotation re-wraps report keys and touches no content. It can be run again at any time, goes in
batches of their own transactions, and goes on where it was interrupted. The reporters' wraps
move when they open their inboxes: nobody else can move them.
"""

import uuid
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction
from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts import audit
from accounts.actors import Actor
from accounts.refusals import Refusal
from intake import envelopes, epochs
from intake.columns import today
from intake.models import KeyEpoch, KeyWrap, LegalHold, Report
from intake.submission import wrap_place

BATCH = 500


class EpochInUse(Refusal):
    """Destroying an epoch now would make reports unreadable that nobody agreed to lose."""

    code = "epoch_in_use"


class NoHoldEpoch(Refusal):
    """A legal hold needs an epoch of its own kind, which whoever keeps the keys makes."""

    code = "no_hold_epoch"


class NoSuchEpoch(Refusal):
    """No epoch of that name, or one that was destroyed before."""

    code = "no_such_epoch"


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the halves of the keys lie."""

    public: Path
    private: Path


@dataclass(frozen=True, slots=True)
class EpochStatus:
    kid: str
    begun_on: date
    state: str
    desk_wraps: int
    reporter_wraps: int


def begin_first(*, actor: Actor, folders: Folders) -> str | None:
    """Make the first epoch and return its name, or None where there is one in use."""
    if epochs.public_epochs(folders.public):
        return None
    return begin_next(actor=actor, folders=folders)


@transaction.atomic
def begin_next(*, actor: Actor, folders: Folders) -> str:
    """Make an epoch. New reports are sealed for it from now on."""
    return _begin(actor, folders, is_for_holds=False)


@transaction.atomic
def begin_hold(*, actor: Actor, folders: Folders) -> str:
    """Make an epoch that only reports under legal hold move to."""
    return _begin(actor, folders, is_for_holds=True)


def _begin(actor: Actor, folders: Folders, *, is_for_holds: bool) -> str:
    highest = KeyEpoch.objects.aggregate(highest=Max("number"))["highest"] or 0
    made = epochs.make_epoch(
        number=highest + 1,
        begun_on=today(),
        public_directory=folders.public,
        private_directory=folders.private,
        is_for_holds=is_for_holds,
    )
    epoch = KeyEpoch.objects.create(
        kid=made.kid, number=highest + 1, begun_on=made.begun_on, is_for_holds=is_for_holds
    )
    audit.record(actor=actor, verb="begin_key_epoch", target=epoch)
    return epoch.kid


def rewrap_all(*, actor: Actor, folders: Folders) -> int:
    """Move every report's desk wrap to the current epoch. Return how many moved.

    Reports under legal hold stay where they rest until it ends.
    """
    current = epochs.current_epoch(folders.public)
    moved = 0
    while True:
        batch = _rewrap_batch(current, folders)
        if not batch:
            break
        moved += batch
    if moved:
        with transaction.atomic():
            audit.record(
                actor=actor,
                verb="rewrap_reports",
                target=KeyEpoch.objects.get(kid=current.kid),
                changes={"reports": moved},
            )
    return moved


@transaction.atomic
def _rewrap_batch(current: epochs.PublicEpoch, folders: Folders) -> int:
    wraps = list(
        KeyWrap.objects.select_for_update(skip_locked=True)
        .filter(holder=KeyWrap.Holder.DESK)
        .exclude(kid=current.kid)
        .exclude(report__in=LegalHold.objects.in_force().values("report"))
        .order_by("pk")[:BATCH]
    )
    _rewrap(wraps, current, folders)
    return len(wraps)


def rewrap_for_hold(report: Report, folders: Folders) -> str:
    """Move a locked report's desk wrap to the newest hold epoch, in the caller's transaction.

    Return the epoch's name. Raises `NoHoldEpoch`.
    """
    epoch = KeyEpoch.objects.filter(is_for_holds=True, destroyed_on__isnull=True)
    newest = epoch.order_by("-number").first()
    if newest is None:
        raise NoHoldEpoch(
            "There is no key for legal holds. Have `manage.py intake_keys hold` run first."
        ).about(report)
    wraps = list(
        KeyWrap.objects.select_for_update().filter(report=report, holder=KeyWrap.Holder.DESK)
    )
    _rewrap(wraps, epochs.public_epoch(folders.public, newest.kid), folders)
    return newest.kid


def _rewrap(wraps: list[KeyWrap], epoch: epochs.PublicEpoch, folders: Folders) -> None:
    private = {kid: epochs.private_key(folders.private, kid) for kid in {w.kid for w in wraps}}
    for wrap in wraps:
        place = wrap_place(wrap.report_id, wrap.pk)
        report_key = envelopes.unwrap_for_desk(
            bytes(wrap.wrapped), private[wrap.kid], wrap.kid, place
        )
        wrap.wrapped = envelopes.wrap_for_desk(report_key, epoch.public_key, epoch.kid, place)
        wrap.kid = epoch.kid
    KeyWrap.objects.bulk_update(wraps, ["kid", "wrapped"])


def destroy(*, actor: Actor, folders: Folders, kid: str, may_be_lost: set[uuid.UUID]) -> None:
    """Destroy an epoch's private key and pepper: what rests on it is shredded in every backup.

    Raises `EpochInUse` where a report that is not named in `may_be_lost` has a wrap there, where
    a report under legal hold rests on it, named or not, or where it is the current one; and
    `NoSuchEpoch`.
    """
    with transaction.atomic():
        epoch = KeyEpoch.objects.select_for_update().filter(kid=kid).first()
        if epoch is None or epoch.destroyed_on is not None:
            raise NoSuchEpoch(f"There is no epoch {kid}, or it was destroyed before.")
        if epochs.current_epoch(folders.public).kid == kid:
            raise EpochInUse(f"{kid} is in use. Rotate first.").about(epoch)
        held = LegalHold.objects.in_force().filter(
            report__wraps__kid=kid, report__wraps__holder=KeyWrap.Holder.DESK
        )
        if held.exists():
            raise EpochInUse(
                f"{held.count()} reports under legal hold rest on {kid}. End the holds first."
            ).about(epoch)
        resting = set(KeyWrap.objects.filter(kid=kid).values_list("report_id", flat=True))
        unnamed = resting - may_be_lost
        if unnamed:
            names = ", ".join(sorted(str(report) for report in unnamed))
            raise EpochInUse(
                f"{len(unnamed)} reports still rest on {kid}: {names}. Rotate, wait until their "
                "reporters open their inboxes, or name each report that may be lost with --lose."
            ).about(epoch)
        epoch.destroyed_on = today()
        epoch.save(update_fields=["destroyed_on"])
        KeyWrap.objects.filter(kid=kid).delete()
        audit.record(
            actor=actor,
            verb="destroy_key_epoch",
            target=epoch,
            changes={"lost_reports": sorted(str(report) for report in resting)},
        )
    # After the commit: a crash in between leaves a key that the status still shows.
    epochs.destroy_epoch(kid, public_directory=folders.public, private_directory=folders.private)


def status() -> list[EpochStatus]:
    """Every epoch, newest first, with what still rests on it."""
    newest = KeyEpoch.objects.filter(is_for_holds=False).aggregate(newest=Max("number"))["newest"]
    wraps = KeyWrap.objects.filter(kid=OuterRef("kid")).order_by().values("kid")

    def counted(holder: KeyWrap.Holder) -> Coalesce:
        of_holder = wraps.annotate(n=Count("pk", filter=Q(holder=holder))).values("n")
        return Coalesce(Subquery(of_holder), 0)

    rows = KeyEpoch.objects.annotate(
        desk_wraps=counted(KeyWrap.Holder.DESK), reporter_wraps=counted(KeyWrap.Holder.REPORTER)
    ).order_by("-number")
    return [
        EpochStatus(
            kid=row.kid,
            begun_on=row.begun_on,
            state=_state(row, newest),
            desk_wraps=row.desk_wraps,
            reporter_wraps=row.reporter_wraps,
        )
        for row in rows
    ]


def _state(epoch: KeyEpoch, newest: int | None) -> str:
    if epoch.destroyed_on:
        return "destroyed"
    if epoch.is_for_holds:
        return "for holds"
    return "in use" if epoch.number == newest else "retired"
