"""Form fields that other rooms share."""

from typing import Any, ClassVar

from django import forms

from accounts.models import User


class PersonField(forms.EmailField):
    """The e-mail address of somebody who works here. What is cleaned is the person."""

    default_error_messages: ClassVar = {"unknown": "Nobody here has this address."}

    def clean(self, value: Any) -> User | None:
        email = super().clean(value)
        if not email:
            return None
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise forms.ValidationError(self.error_messages["unknown"], code="unknown")
        return user
