"""What a reviewer sends from the decision bar. The verbs decide whether it is permitted."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.db.models import Q

from accounts.fields import PersonField
from accounts.models import RoleGrant, User
from accounts.roles import roles_with
from cases import policies
from cases.access import MANAGE
from cases.decisions import Proposal
from cases.models import Case, Decision, Policy
from cases.offers import Offer
from platforms.models import Hold, Profile
from sanctions.models import Designation, ListVersion

Outcome = Decision.Outcome


class PolicyField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.title} · {obj.legal_basis}"


class ListVersionField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.source.short_name}, version {obj.number} of {obj.fetched_at:%d %b %Y}"


class HoldsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        designation = obj.basis.designation
        is_delisted = designation is not None and not designation.is_listed
        return f"{obj.title} (delisted)" if is_delisted else str(obj.title)


class DecisionForm(forms.Form):
    """Shape only: known outcomes, and holds, designations and versions that belong to the case.

    What is missing for an outcome is said by the verb, so that page and API refuse alike.
    """

    outcome = forms.TypedChoiceField(coerce=Outcome, choices=Outcome.choices)
    basis = PolicyField(
        Policy.objects.none(),
        required=False,
        label="Policy or legal basis",
        empty_label="Choose a basis",
    )
    designations = forms.ModelMultipleChoiceField(
        Designation.objects.none(), required=False, label="It rests on"
    )
    holds = HoldsField(
        Hold.objects.none(),
        required=False,
        label="Holds to release",
        widget=forms.CheckboxSelectMultiple,
    )
    ground = forms.ChoiceField(
        choices=[("", "Choose the ground"), *Decision.Ground.choices], required=False
    )
    list_version = ListVersionField(
        ListVersion.objects.none(), required=False, label="List version", empty_label="None"
    )
    reason = forms.CharField(
        required=False,
        label="Reason, shown in the record",
        widget=forms.Textarea(attrs={"rows": 1, "required": True}),
    )
    # A page that does not say what it was based on is treated as out of date.
    based_on = forms.IntegerField(required=False, min_value=0)

    def __init__(
        self, *args: Any, case: Case, profile: Profile | None, offers: list[Offer], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offers = offers
        self._choices("outcome", [(offer.outcome, offer.outcome.label) for offer in offers])
        in_case = Designation.objects.filter(case_designations__case=case)
        standing = Hold.objects.standing().filter(profile=profile)
        of_holds = Designation.objects.filter(hold_bases__hold__in=standing)
        concerned = Designation.objects.filter(Q(pk__in=in_case) | Q(pk__in=of_holds))
        programs = {
            program for each in concerned.values_list("programs", flat=True) for program in each
        }
        self._rows("basis", policies.applicable(programs).order_by("-programs", "title", "-number"))
        listed = in_case.listed().select_related("source").order_by("pk")
        self.listed = list(listed)
        self._rows("designations", listed)
        self._rows("holds", standing.select_related("basis__designation").order_by("placed_at"))
        delisting = of_holds.filter(delisted_at__isnull=False).values(
            "current_version__list_version"
        )
        versions = ListVersion.objects.accepted().filter(pk__in=delisting).select_related("source")
        self.list_versions = list(versions)
        self._rows("list_version", versions)

    def proposal(self) -> Proposal:
        """Return what was sent, once the form is valid."""
        data = self.cleaned_data
        return Proposal(
            outcome=data["outcome"],
            reasons=data["reason"],
            policy=data["basis"],
            designations=list(data["designations"]),
            holds=list(data["holds"]),
            ground=data["ground"],
            list_version=data["list_version"],
        )

    def typed(self) -> list[dict[str, str]]:
        """What the reviewer wrote, to be given back when the page was out of date."""
        outcome = dict(Outcome.choices).get(self.data.get("outcome", ""), "")
        written = (("outcome", outcome), ("reason", self.data.get("reason", "")))
        return [{"label": label, "value": value} for label, value in written if value]

    def _choices(self, name: str, choices: list[tuple[Outcome, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
        field.choices = choices

    def _rows(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  declared above
        field.queryset = rows


class GrantAccessForm(forms.Form):
    """One person or one team, until when, and why."""

    email = PersonField(required=False)
    team = forms.ModelChoiceField(Group.objects.all(), required=False)
    ends_on = forms.DateField(required=False)
    reason = forms.CharField(max_length=1000)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if cleaned and "email" in cleaned and bool(cleaned["email"]) == bool(cleaned.get("team")):
            raise forms.ValidationError("Name one person or one team.")
        return cleaned

    @property
    def ends_at(self) -> datetime | None:
        """The end of the last day, in UTC."""
        day: date | None = self.cleaned_data["ends_on"]
        return datetime.combine(day + timedelta(days=1), time.min, tzinfo=UTC) if day else None


class WhyForm(forms.Form):
    """A person and a case, by what an administrator knows of them."""

    email = PersonField(label="E-mail of the person")
    case = forms.RegexField(
        r"(?i)^(?:HF-)?\d{1,18}$",
        label="Case number",
        error_messages={"invalid": "Write it as HF-12, or as 12."},
    )

    def clean_case(self) -> Case:
        number = int(self.cleaned_data["case"].upper().removeprefix("HF-"))
        # A case of a report is known to its grants alone: nobody learns its number here.
        case = Case.objects.exclude(kind=Case.Kind.REPORT).filter(pk=number).first()
        if case is None:
            raise forms.ValidationError("There is no case with this number.")
        return case


class KeeperForm(forms.Form):
    """Which restricted case gets which keeper, and why."""

    case = forms.ModelChoiceField(Case.objects.none(), empty_label="Choose a case")
    keeper = forms.ModelChoiceField(
        User.objects.none(),
        empty_label="Choose a person",
        help_text="Somebody whose role says who opens cases. They open the case from then on.",
    )
    reason = forms.CharField(
        max_length=1000,
        help_text="It stays in the record.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        managing = RoleGrant.objects.in_force().filter(role__in=roles_with(MANAGE))
        rows: dict[str, Any] = {
            "case": Case.objects.waiting_for_keeper().order_by("pk"),
            "keeper": User.objects.filter(is_active=True, pk__in=managing.values("user")).order_by(
                "name", "pk"
            ),
        }
        for name, found in rows.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  declared above
            field.queryset = found
