"""Forms of this room's pages."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms

from accounts.fields import PersonField
from accounts.matrix import GROUPS
from accounts.models import AccessReview, RoleGrant, User
from accounts.roles import Role
from accounts.tokens import LIFETIME_AT_MOST_DAYS


class NoPlaceholders(forms.Form):
    """allauth repeats each label as a placeholder, which reads like something already typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class SignInForm(NoPlaceholders, LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "E-mail"


class ConfirmPasswordForm(NoPlaceholders, ReauthenticateForm):
    pass


class NewPasswordForm(NoPlaceholders, ChangePasswordForm):
    pass


class SecondFactorForm(NoPlaceholders, AuthenticateForm):
    pass


class ConfirmSecondFactorForm(NoPlaceholders, mfa_forms.ReauthenticateForm):
    pass


class SetUpAppForm(NoPlaceholders, ActivateTOTPForm):
    pass


class ChoosePasswordForm(forms.Form):
    """A first password, typed twice."""

    password = forms.CharField(
        strip=False,
        help_text="At least 12 characters, and none of the common ones.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="The same again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if cleaned and cleaned.get("password") != cleaned.get("again"):
            self.add_error("again", "This differs from the first.")
        return cleaned


class ReasonForm(forms.Form):
    """Why somebody does what they are about to do. It stays in the record."""

    reason = forms.CharField(
        max_length=1000,
        help_text="It stays in the record. Write no content of a report here.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PersonForm(ReasonForm):
    """Somebody who works here, by their address, and why."""

    email = PersonField(
        label="E-mail of the person",
        error_messages={"unknown": "Nobody here has this address. Invite the person first."},
    )

    field_order = ["email", "reason"]


class ProposeGrantForm(PersonForm):
    """Who gets which role, and until when."""

    role = forms.ChoiceField(choices=Role.choices)
    ends_on = forms.DateField(
        label="Last day",
        required=False,
        help_text="Leave it empty for a role without an end. It is reviewed every 90 days.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    field_order = ["email", "role", "ends_on", "reason"]

    @property
    def ends_at(self) -> datetime | None:
        """The end of the last day, in UTC."""
        day: date | None = self.cleaned_data["ends_on"]
        return datetime.combine(day + timedelta(days=1), time.min, tzinfo=UTC) if day else None


class ReviewForm(ReasonForm):
    """Whether a grant is still needed, and why."""

    grant = forms.ModelChoiceField(RoleGrant.objects.all(), widget=forms.HiddenInput)
    outcome = forms.ChoiceField(choices=AccessReview.Outcome.choices)


class TeamForm(forms.Form):
    """A new team."""

    name = forms.CharField(max_length=80, help_text="What its cases share, such as: Elections.")


class InviteForm(forms.Form):
    """Whom to invite."""

    name = forms.CharField(max_length=120)
    email = forms.EmailField(label="E-mail")


class TokenForm(forms.Form):
    """What a program may do with the token, and for how long."""

    name = forms.CharField(max_length=80, help_text="What it is for, such as: nightly export.")
    days = forms.IntegerField(
        label="Days", min_value=1, max_value=LIFETIME_AT_MOST_DAYS, initial=90
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {line.permission: line.label for _, lines in GROUPS for line in lines}
        self.fields["scopes"] = forms.MultipleChoiceField(
            choices=[(name, words[name]) for name in words if name in user.desk_permissions],
            widget=forms.CheckboxSelectMultiple,
            help_text="The token can do what you tick, as long as you can do it yourself.",
        )


class RecordFilterForm(forms.Form):
    """Which events of the record to show."""

    person = forms.CharField(label="Person or service", required=False, max_length=254)
    verb = forms.CharField(required=False, max_length=64)
    about = forms.CharField(label="About, such as case:12", required=False, max_length=128)
    request_id = forms.CharField(label="Request", required=False, max_length=64)
    first_day = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    last_day = forms.DateField(
        label="To", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
