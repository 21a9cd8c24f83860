"""What custodians and requesters type."""

from collections.abc import Iterable
from typing import Any

from django import forms

from accounts.models import User
from intake import terms
from intake.vault import passphrases

_SECRET = {"autocomplete": "off", "spellcheck": "false"}


class PassphraseForm(forms.Form):
    passphrase = forms.CharField(
        label="Your vault passphrase",
        strip=False,
        max_length=500,
        widget=forms.PasswordInput(attrs=_SECRET),
    )


class EnrolForm(PassphraseForm):
    """A new passphrase, typed twice: nobody can restore it."""

    passphrase = forms.CharField(
        label="New vault passphrase",
        help_text=f"At least {passphrases.LEAST_CHARACTERS} characters, and used for nothing else. "
        "It is stored nowhere, so nobody can restore it.",
        strip=False,
        min_length=passphrases.LEAST_CHARACTERS,
        max_length=500,
        widget=forms.PasswordInput(attrs=_SECRET),
    )
    again = forms.CharField(
        label="The same again",
        strip=False,
        max_length=500,
        widget=forms.PasswordInput(attrs=_SECRET),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "passphrase" in cleaned and cleaned["passphrase"] != cleaned.get("again"):
            self.add_error("again", "The two are not the same.")
        return cleaned


class AdmitForm(forms.Form):
    """Who reseals after the person who begins."""

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {person.pk: person for person in people}
        self.fields["second"] = forms.TypedChoiceField(
            label="Who reseals after you",
            coerce=lambda key: self.people[int(key)],
            choices=[(person.pk, person.name) for person in self.people.values()],
        )


class AskForm(forms.Form):
    reason = forms.CharField(
        label="Reason for the custodians",
        help_text="They do not read the report. Quote nothing from it.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    message = forms.CharField(
        label="Message to the reporter",
        help_text="Why you ask, in words they can judge by. It waits in their inbox.",
        max_length=terms.MOST_MESSAGE_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    emergency_reason = forms.CharField(
        label="Only in an emergency: why the reporter's time to object cannot be waited for",
        help_text="Leave it empty otherwise. Two custodians must agree all the same.",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class WordsForm(forms.Form):
    words = forms.CharField(
        label="The ten words you were shown",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2, **_SECRET}),
    )
