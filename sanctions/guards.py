"""What a well-formed list must still not do. Each guard runs before anything is applied."""

from collections.abc import Set

from sanctions.models import ListVersion
from sanctions.staging import StagedList

# Over 295 publication days OFAC never removed more than a few percent at once.
SHRINK_LIMIT_PERCENT = 20
SHRUNK = "shrunk"
TRUNCATED = "truncated"


class Quarantined(Exception):
    """The list is whole to look at and still not believed."""

    def __init__(self, reason_code: str, message: str) -> None:
        super().__init__(message)
        self.reason_code = reason_code
        self.message = message


def refuse_a_shrunken_list(*, staged: StagedList, last_good: ListVersion) -> None:
    """A list more than a fifth shorter is taken for a fault of the publisher or the transfer."""
    before, after = last_good.entries, len(staged.hashes)
    if after * 100 < before * (100 - SHRINK_LIMIT_PERCENT):
        raise Quarantined(
            SHRUNK,
            f"The list has {after:,} entries, where version {last_good.number} had {before:,}: "
            f"{100 - after * 100 / before:.0f} % fewer. More than {SHRINK_LIMIT_PERCENT} % at once "
            "is not believed. If the publisher did remove them, sync again with --accept-shrink "
            "and a reason.",
        )


def refuse_a_cut_tail(*, staged: StagedList, missing_keys: Set[str]) -> None:
    """A file without its end mark, lacking just the entries after its last one, was cut."""
    if staged.has_end_mark or not missing_keys:
        return
    last_key = max(map(int, staged.hashes))
    if all(int(key) > last_key for key in missing_keys):
        raise Quarantined(
            TRUNCATED,
            f"The file lacks its end mark and the {len(missing_keys):,} listed entries after "
            f"number {last_key}: it was cut short between two rows.",
        )


def worth_knowing(*, staged: StagedList, last_good: ListVersion | None) -> list[str]:
    """What does not stop a list and should be seen by whoever looks after it."""
    warnings = list(staged.warnings)
    if not staged.has_end_mark:
        warnings.append("The file lacks its end mark, so a cut between two rows could go unseen.")
    if last_good is None:
        return warnings
    if last_good.format != staged.format:
        warnings.append(
            f"Version {last_good.number} was read from {last_good.format}, this one from "
            f"{staged.format}. Fields that one of them lacks show up as changes."
        )
    if (
        staged.published_on
        and last_good.published_on
        and staged.published_on < last_good.published_on
    ):
        warnings.append(
            f"The list was published on {staged.published_on}, before version {last_good.number} "
            f"({last_good.published_on})."
        )
    return warnings
