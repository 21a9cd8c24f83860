"""Cases, their leases, decisions and notes: the verbs of the desk, over HTTP."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.api.permissions import caller
from accounts.refusals import Refusal
from accounts.step_up import require_fresh
from cases import decisions, leases, notes, queue
from cases.api.filters import DecisionFilter, PolicyFilter
from cases.api.listing import listed
from cases.api.requests import (
    AnswerRequest,
    CaseQuery,
    NoteRequest,
    ProposalRequest,
    WithdrawalRequest,
    named,
)
from cases.api.serializers import (
    CaseDetailSerializer,
    CaseSerializer,
    DecisionSerializer,
    LeaseSerializer,
    NoteSerializer,
    PolicySerializer,
)
from cases.models import Case, Decision, Evidence, Policy
from cases.models.cases import CaseQuerySet
from cases.visibility import incidents_visible_to, matches_visible_to
from platforms.api.views import IncidentViewSet
from platforms.models import Hold, Incident
from sanctions.api.views import MatchViewSet
from sanctions.models import Match

VIEW_CASE = "cases.view_case"


@contextmanager
def concerning(case: Case) -> Iterator[None]:
    """Let a refusal stand in the history of the case it is about."""
    try:
        yield
    except Refusal as refusal:
        if refusal.target is None:
            refusal.about(case)
        raise


def with_whole_case(cases: CaseQuerySet) -> CaseQuerySet:
    """Load what a case shows in full, in a fixed number of queries."""
    standing = Hold.objects.standing().select_related("placed_by", "released_by").order_by("pk")
    return cases.select_related("assignee", "lease_holder").prefetch_related(
        "case_profiles__profile__platform",
        Prefetch("case_profiles__profile__holds", standing, to_attr="standing_holds"),
        "designations__source",
        "matches__designation__source",
        "matches__adjudicated_by",
        "incidents",
        Prefetch("evidence", Evidence.objects.defer("content").order_by("pk")),
        Prefetch("decisions", with_details(Decision.objects.order_by("pk"))),
        "notes__author",
    )


def with_details(queryset: QuerySet[Decision]) -> QuerySet[Decision]:
    """Load what a decision shows, in a fixed number of queries."""
    return queryset.select_related("policy", "proposer", "approval__approver").prefetch_related(
        "designations__source", "decision_holds"
    )


class CaseViewSet(ReadOnlyModelViewSet[Case]):
    """Open questions, each about somebody's profiles. Hidden cases answer 404."""

    serializer_class = CaseSerializer
    lookup_field = "number"
    filter_backends: Sequence[Any] = ()
    queryset = Case.objects.none()
    permissions = {
        "list": VIEW_CASE,
        "retrieve": VIEW_CASE,
        "take_lease": "cases.work_case",
        "release_lease": "cases.work_case",
        "propose": "cases.propose_decision",
        "add_note": "cases.work_case",
    }

    def get_queryset(self) -> CaseQuerySet:
        cases = Case.objects.visible_to(caller(self.request))
        return with_whole_case(cases) if self.action == "retrieve" else cases

    def get_ordering(self) -> list[str]:
        key = queue.KEYS[self._query.as_filters().order]
        sign = "-" if key.descending else ""
        return [f"{sign}{column}" for column in key.columns]

    @extend_schema(parameters=[CaseQuery])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The queue: open cases in the order asked for."""
        cases = queue.select(user=caller(request), filters=self._query.as_filters())
        if profile := self._query.validated_data.get("profile"):
            cases = cases.filter(case_profiles__profile=profile)
        if designation := self._query.validated_data.get("designation"):
            cases = cases.filter(case_designations__designation=designation)
        page = self.paginate_queryset(cases.select_related("assignee", "lease_holder"))
        assert page is not None  # noqa: S101  every list of the API has pages
        return self.get_paginated_response(listed(page))

    @extend_schema(responses=CaseDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One case with all that a decision on it needs, open or decided."""
        return Response(CaseDetailSerializer(self.get_object()).data)

    @extend_schema(request=None, responses=LeaseSerializer)
    @action(detail=True, methods=["post"], url_path="lease")
    def take_lease(self, request: Request, number: int) -> Response:
        """Take the case to work on it, or keep it longer. One reviewer at a time."""
        case = self.get_object()
        with concerning(case):
            leased = leases.take_lease(actor=caller(request), case=case)
        return Response(LeaseSerializer(leased).data)

    @extend_schema(request=None, responses={204: None})
    @take_lease.mapping.delete
    def release_lease(self, request: Request, number: int) -> Response:
        """Give the case back to the queue."""
        case = self.get_object()
        with concerning(case):
            leases.release_lease(actor=caller(request), case=case)
        return Response(status=204)

    @extend_schema(request=ProposalRequest, responses={201: DecisionSerializer})
    @action(detail=True, methods=["post"], url_path="decisions")
    def propose(self, request: Request, number: int) -> Response:
        """Propose a decision. It takes a lease, and the version of the case it is based on.

        Where one person is enough it takes effect at once; its `state` says so. While holds
        stand, a restore answers 409 with `holds_stand` and names each one.
        """
        case = self.get_object()
        asked = ProposalRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = dict(asked.validated_data)
        based_on = fields.pop("based_on")
        fields["outcome"] = Decision.Outcome(fields["outcome"])
        fields["designations"] = named(
            "designations", fields.get("designations", []), case.designations.all()
        )
        fields["holds"] = named(
            "holds", fields.get("holds", []), Hold.objects.filter(profile__cases=case)
        )
        with concerning(case):
            decision = decisions.propose(
                actor=caller(request),
                case=case,
                proposal=decisions.Proposal(**fields),
                expected_version=based_on,
            )
        return Response(_shown(decision), status=201)

    @extend_schema(request=NoteRequest, responses={201: NoteSerializer})
    @action(detail=True, methods=["post"], url_path="notes")
    def add_note(self, request: Request, number: int) -> Response:
        """Leave a word for the next reviewer. It does not move the case's version."""
        case = self.get_object()
        asked = NoteRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        note = notes.add_note(actor=caller(request), case=case, **asked.validated_data)
        return Response(NoteSerializer(note).data, status=201)

    @cached_property
    def _query(self) -> CaseQuery:
        query = CaseQuery(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        return query


class DecisionViewSet(ReadOnlyModelViewSet[Decision]):
    """What was proposed and what became of it, in the cases you may see."""

    queryset = Decision.objects.none()
    serializer_class = DecisionSerializer
    filterset_class = DecisionFilter
    ordering = ["-id"]
    # Who may answer depends on the ground of the decision: the verb asks.
    permissions = {
        "list": VIEW_CASE,
        "retrieve": VIEW_CASE,
        "answer": VIEW_CASE,
        "withdraw": VIEW_CASE,
    }

    def get_queryset(self) -> QuerySet[Decision]:
        visible = Case.objects.visible_to(caller(self.request))
        return with_details(Decision.objects.filter(case__in=visible))

    @extend_schema(request=AnswerRequest, responses=DecisionSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        """Say yes or no to what somebody else proposed."""
        decision = self.get_object()
        # A token was made in a fresh session, and is limited in scope and time.
        if request.auth is None:
            require_fresh(request)
        asked = AnswerRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        with concerning(decision.case):
            decisions.answer(
                actor=caller(request),
                decision=decision,
                is_approved=asked.validated_data["is_approved"],
                reason=asked.validated_data["reason"],
                expected_version=asked.validated_data["based_on"],
            )
        return Response(_shown(decision))

    @extend_schema(request=WithdrawalRequest, responses=DecisionSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take your own proposal back while nobody answered it. The case is open again."""
        decision = self.get_object()
        asked = WithdrawalRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        with concerning(decision.case):
            decisions.withdraw(
                actor=caller(request),
                decision=decision,
                expected_version=asked.validated_data["based_on"],
            )
        return Response(_shown(decision))


class VisibleIncidentViewSet(IncidentViewSet):
    """Held profiles that were seen up, or could not be seen, as far as you may know of them."""

    def get_queryset(self) -> QuerySet[Incident]:
        return incidents_visible_to(caller(self.request)).select_related("closed_by")


class VisibleMatchViewSet(MatchViewSet):
    """Profiles that resemble designations, as far as you may know of them."""

    def get_queryset(self) -> QuerySet[Match]:
        return matches_visible_to(caller(self.request)).select_related(
            "designation__source", "adjudicated_by"
        )


class PolicyViewSet(ReadOnlyModelViewSet[Policy]):
    """Counsel's table: which outcomes each policy permits. Old versions are kept."""

    queryset = Policy.objects.order_by()
    serializer_class = PolicySerializer
    filterset_class = PolicyFilter
    ordering = ["id"]
    permissions = {"list": VIEW_CASE, "retrieve": VIEW_CASE}


def _shown(decision: Decision) -> dict[str, Any]:
    return DecisionSerializer(with_details(Decision.objects.all()).get(pk=decision.pk)).data
