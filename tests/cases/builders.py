"""Make what a test starts from, through the product's own verbs wherever it has one."""

from datetime import date
from itertools import count

from accounts.actors import PIPELINE
from accounts.models import User
from cases import decisions, leases, opening
from cases.decisions import Proposal
from cases.models import Case, Decision, Policy
from platforms.models import Platform, Profile, ProfileVersion
from sanctions.formats.entries import ListEntry
from sanctions.models import Designation, DesignationVersion, ListVersion, Match, Source

_numbers = count(1)


def make_platform(**fields: object) -> Platform:
    number = next(_numbers)
    defaults = {
        "slug": f"lumen-{number}",
        "name": "Lumen",
        "kind": "photo",
        "connector": "holdfast_http",
        "base_url": "http://localhost:1",
        # A platform of a test has few accounts: any part of them is a large one.
        "suspensions_percent_limit": 100,
    }
    return Platform.objects.create(**{**defaults, **fields})


def make_profile(platform: Platform | None = None, **fields: object) -> Profile:
    number = next(_numbers)
    defaults = {"external_id": f"acc-{number}", "handle": f"person_{number}", "reach": 1200}
    profile = Profile.objects.create(
        platform=platform or make_platform(), version_number=1, **{**defaults, **fields}
    )
    ProfileVersion.objects.create(
        profile=profile,
        number=1,
        handle=profile.handle,
        display_name=profile.display_name,
        bio=profile.bio,
        reach=profile.reach,
        content_hash=f"{number:064d}",
    )
    return profile


def make_source(slug: str = "ofac-sdn", short_name: str = "OFAC") -> Source:
    source, _ = Source.objects.get_or_create(
        slug=slug,
        defaults={"name": f"{short_name} list", "short_name": short_name, "publisher": "A state"},
    )
    return source


def make_list_version(source: Source) -> ListVersion:
    number = source.versions.count() + 1
    return ListVersion.objects.create(
        source=source,
        number=number,
        state=ListVersion.State.ACCEPTED,
        published_on=date(2017, 12, 20),
    )


def make_designation(
    name: str = "KADYROV, Ramzan Akhmatovich",
    *,
    entry_key: str | None = None,
    programs: tuple[str, ...] = ("GLOMAG",),
    source: Source | None = None,
) -> Designation:
    source = source or make_source()
    list_version = make_list_version(source)
    entry = ListEntry(
        entry_key=entry_key or str(next(_numbers)),
        kind="person",
        primary_name=name,
        programs=programs,
    )
    designation = Designation.objects.create(
        source=source,
        entry_key=entry.entry_key,
        kind=entry.kind,
        primary_name=name,
        programs=list(programs),
    )
    version = DesignationVersion.objects.create(
        designation=designation,
        list_version=list_version,
        number=1,
        change=DesignationVersion.Change.ADDED,
        content=entry.canonical(),
        content_hash=entry.content_hash(),
        valid_from=list_version.fetched_at,
    )
    designation.current_version = version
    designation.save(update_fields=["current_version"])
    return designation


def delist(designation: Designation) -> ListVersion:
    """Record a later list version that no longer has the entry. It is a version too."""
    list_version = make_list_version(designation.source)
    _add_version(designation, list_version, DesignationVersion.Change.DELISTED)
    designation.delisted_at = list_version.fetched_at
    designation.save(update_fields=["delisted_at"])
    return list_version


def relist(designation: Designation) -> ListVersion:
    """Record a later list version that has the entry again."""
    list_version = make_list_version(designation.source)
    _add_version(designation, list_version, DesignationVersion.Change.ADDED)
    designation.delisted_at = None
    designation.save(update_fields=["delisted_at"])
    return list_version


def change_entry(designation: Designation) -> ListVersion:
    """Record a later list version that says something else of the entry."""
    list_version = make_list_version(designation.source)
    _add_version(
        designation, list_version, DesignationVersion.Change.CHANGED, remarks="Also known as R."
    )
    return list_version


def _add_version(
    designation: Designation,
    list_version: ListVersion,
    change: DesignationVersion.Change,
    **content: object,
) -> None:
    designation.refresh_from_db()
    before = designation.current_version
    assert before is not None
    before.valid_to = list_version.fetched_at
    before.save(update_fields=["valid_to"])
    designation.current_version = DesignationVersion.objects.create(
        designation=designation,
        list_version=list_version,
        number=before.number + 1,
        change=change,
        content={**before.content, **content},
        content_hash=before.content_hash,
        valid_from=list_version.fetched_at,
    )
    designation.save(update_fields=["current_version"])


def make_match(profile: Profile, designation: Designation, score: float = 0.91) -> Match:
    version = designation.current_version
    assert version is not None
    return Match.objects.create(
        profile=profile,
        profile_version=profile.versions.get(number=profile.version_number),
        designation=designation,
        designation_version=version,
        score=score,
        explanation={},
    )


def open_match_case(profile: Profile | None = None, designation: Designation | None = None) -> Case:
    profile = profile or make_profile()
    match = make_match(profile, designation or make_designation())
    case = opening.open_for_matches(actor=PIPELINE, profile=profile, matches=[match])
    assert case is not None
    return case


def policy(code: str = "glomag") -> Policy:
    """A row of counsel's table. A test that empties the tables loses the migrated ones."""
    policy, _ = Policy.objects.get_or_create(
        code=code,
        number=1,
        defaults={
            "title": code,
            "legal_basis": f"Basis of {code}",
            "permitted_outcomes": ["suspend", "keep_down", "keep_up", "release_hold", "restore"],
            "starts_on": date(2017, 12, 20),
        },
    )
    return policy


def propose(actor: User, case: Case, outcome: Decision.Outcome, **fields: object) -> Decision:
    """Lease the case and propose, as a reviewer would."""
    leases.take_lease(actor=actor, case=case)
    case.refresh_from_db()
    defaults = {"reasons": "Same name and birth date.", "policy": policy()}
    return decisions.propose(
        actor=actor,
        case=case,
        proposal=Proposal(outcome=outcome, **{**defaults, **fields}),
        expected_version=case.version,
    )


def suspend(actor: User, case: Case) -> Decision:
    return propose(
        actor, case, Decision.Outcome.SUSPEND, designations=list(case.designations.all())
    )


def approve(actor: User, decision: Decision) -> None:
    decision.case.refresh_from_db()
    decisions.answer(
        actor=actor,
        decision=decision,
        is_approved=True,
        expected_version=decision.case.version,
    )


def held_profile(actor: User, **fields: object) -> Profile:
    """A profile of modest reach with one designation hold, placed by a decision."""
    case = open_match_case(make_profile(**fields))
    suspend(actor, case)
    profile = case.profiles.get()
    profile.refresh_from_db()
    return profile
