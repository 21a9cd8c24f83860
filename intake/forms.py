"""The questions, one form for each. Who the reporter is may be left out, and is sealed apart."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from intake import receipts, terms
from intake.receipts import Script


def plain_text(typed: str) -> str:
    """Take out control characters, which no reader sees, and even the ends of lines."""
    text = typed.replace("\r\n", "\n").replace("\r", "\n")
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return "".join(kept)


class PlainTextField(forms.CharField):
    """A text of any script, kept as typed apart from control characters."""

    def to_python(self, value: Any) -> str:
        return super().to_python(plain_text(value) if isinstance(value, str) else value) or ""


def _text_area(rows: int) -> forms.Textarea:
    # Nothing typed here is offered again by the browser or sent to a spelling service.
    return forms.Textarea(
        attrs={"rows": rows, "autocomplete": "off", "spellcheck": "false", "dir": "auto"}
    )


class AccountsForm(forms.Form):
    accounts = PlainTextField(
        label=_("Accounts"),
        help_text=_("One on each line: its address, or its name and where you saw it."),
        max_length=terms.MOST_ACCOUNTS_CHARACTERS,
        widget=_text_area(4),
    )
    why = forms.ChoiceField(
        label=_("Why should we look at it?"),
        choices=[
            ("listed", _("A person under sanctions runs it")),
            ("back", _("It replaced an account that was taken down")),
            ("other", _("Something else")),
        ],
        widget=forms.RadioSelect,
    )


class PersonForm(forms.Form):
    person = PlainTextField(
        label=_("The person behind it"),
        help_text=_("A name, in any spelling or script. Leave it empty if you do not know."),
        max_length=terms.MOST_LINE_CHARACTERS,
        required=False,
        widget=_text_area(3),
    )


class NarrativeForm(forms.Form):
    narrative = PlainTextField(
        label=_("What you saw"),
        max_length=terms.MOST_NARRATIVE_CHARACTERS,
        widget=_text_area(9),
    )


class LanguagesForm(forms.Form):
    # Each language is named in itself, so nothing here is translated.
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        choices=[
            ("en", "English"),
            ("ru", "Русский"),
            ("ce", "Нохчийн"),
            ("uk", "Українська"),
            ("ar", "العربية"),
            ("fa", "فارسی"),
            ("bs", "Bosanski, hrvatski, srpski"),
        ],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class IdentityForm(forms.Form):
    """Who somebody is. Every field may stay empty, and most people leave them so."""

    name = PlainTextField(
        label=_("Your name"),
        max_length=terms.MOST_IDENTITY_CHARACTERS,
        required=False,
        widget=_text_area(1),
    )
    contact = PlainTextField(
        label=_("How to reach you"),
        help_text=_("Nobody writes to you there unless this is opened."),
        max_length=terms.MOST_IDENTITY_CHARACTERS,
        required=False,
        widget=_text_area(2),
    )
    account = PlainTextField(
        label=_("Your own account, if it matters"),
        max_length=terms.MOST_IDENTITY_CHARACTERS,
        required=False,
        widget=_text_area(1),
    )


class SendForm(forms.Form):
    script = forms.ChoiceField(
        label=_("Your receipt"),
        choices=[
            (Script.WORDS, _("Ten English words")),
            (Script.DIGITS, _("Thirty-nine digits")),
        ],
        initial=Script.WORDS,
        widget=forms.RadioSelect,
    )
    code = forms.CharField(
        label=_("A code from an organisation, if you were given one"),
        help_text=_("It counts once. It tells us that they trust you, and not who you are."),
        required=False,
        max_length=80,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "dir": "ltr",
            }
        ),
    )
    answer = forms.CharField(required=False, max_length=20)
    proof = forms.CharField(required=False, max_length=2_000, widget=forms.HiddenInput)


class TypedBackForm(forms.Form):
    """Two parts of the receipt, to show that it was written down."""

    def __init__(self, *args: Any, positions: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for position in positions:
            self.fields[f"part_{position}"] = forms.CharField(
                label=_("Number %(number)d of your receipt") % {"number": position},
                max_length=40,
                widget=forms.TextInput(
                    attrs={
                        "autocomplete": "off",
                        "autocapitalize": "off",
                        "spellcheck": "false",
                        "dir": "ltr",
                    }
                ),
            )


class ReceiptForm(forms.Form):
    receipt = forms.CharField(
        label=_("Your receipt"),
        help_text=_("The ten words or the thirty-nine digits, with spaces between them."),
        max_length=400,
        widget=forms.Textarea(
            attrs={
                "rows": 3,
                "autocomplete": "off",
                "autocapitalize": "off",
                "spellcheck": "false",
                "dir": "ltr",
            }
        ),
    )
    answer = forms.CharField(required=False, max_length=20)

    def typed_receipt(self) -> receipts.Receipt:
        """Return what was typed. Raises `receipts.NotAReceipt`."""
        return receipts.parse(self.cleaned_data["receipt"])


class MessageForm(forms.Form):
    text = PlainTextField(
        label=_("Your message"),
        max_length=terms.MOST_MESSAGE_CHARACTERS,
        widget=_text_area(5),
    )


QUESTIONS: dict[str, type[forms.Form]] = {
    "accounts": AccountsForm,
    "person": PersonForm,
    "narrative": NarrativeForm,
    "languages": LanguagesForm,
    "identity": IdentityForm,
}
