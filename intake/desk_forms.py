"""What the desk types around a report."""

from django import forms

from accounts.fields import PersonField
from intake import terms
from intake.models import Report


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Reason", max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class ReplyForm(forms.Form):
    text = forms.CharField(
        label="Message",
        help_text="Write nothing that would harm the reporter if somebody else read it.",
        max_length=terms.MOST_MESSAGE_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )


class SummaryForm(forms.Form):
    text = forms.CharField(
        label="Summary",
        help_text="What the people of a case may know, in your words and without the reporter's.",
        max_length=terms.MOST_MESSAGE_CHARACTERS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )


class ShareForm(forms.Form):
    email = PersonField(
        label="E-mail address of a colleague",
        error_messages={"unknown": "Nobody on this desk has this address."},
    )
    reason = forms.CharField(label="Why they need it", max_length=500)


class CloseForm(forms.Form):
    outcome = forms.ChoiceField(
        label="What the reporter is told", choices=Report.Outcome.choices, widget=forms.RadioSelect
    )


class HoldForm(forms.Form):
    reason = forms.CharField(
        label="Which law, and why",
        help_text="Legal counsel reads this and nothing of the report. Quote nothing from it.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    ends_on = forms.DateField(
        label="Until",
        help_text=f"At most {terms.HOLD_DAYS_AT_MOST} days from today.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
