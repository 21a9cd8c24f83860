"""What allauth did to an account, as events of the record.

allauth changes passwords and second factors in views of its own; its signals are the one place
where all of them can be heard. It sends them once its own transaction is committed, so these
events stand right after the change and not inside it.
"""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.signals import password_changed, user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest

from accounts import audit, resets
from accounts.actors import SIGN_IN
from accounts.models import User


def connect() -> None:
    """Listen from now on. Called once, when the application is ready."""
    user_logged_in.connect(_signed_in, dispatch_uid="audit sign-in")
    user_logged_out.connect(_signed_out, dispatch_uid="audit sign-out")
    password_changed.connect(_password_changed, dispatch_uid="audit password")
    authenticator_added.connect(_factor_added, dispatch_uid="audit factor added")
    authenticator_removed.connect(_factor_removed, dispatch_uid="audit factor removed")
    authenticator_reset.connect(_factor_reset, dispatch_uid="audit factor reset")
    authentication_failed.connect(_factor_failed, dispatch_uid="audit factor failed")


def _signed_in(user: User, request: HttpRequest, **kwargs: Any) -> None:
    shown = [record["method"] for record in get_authentication_records(request, user)]
    audit.record(actor=user, verb="sign_in", target=user, changes={"by": shown})


def _signed_out(user: User | None, **kwargs: Any) -> None:
    if user is not None:
        audit.record(actor=user, verb="sign_out", target=user)


def _password_changed(user: User, **kwargs: Any) -> None:
    audit.record(actor=user, verb="change_password", target=user)


def _factor_added(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    _factor("add_second_factor", user, authenticator)
    resets.complete(user=user)


def _factor_removed(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    _factor("remove_second_factor", user, authenticator)


def _factor_reset(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    _factor("renew_second_factor", user, authenticator)


def _factor(verb: str, user: User, authenticator: Authenticator) -> None:
    audit.record(actor=user, verb=verb, target=user, changes={"kind": authenticator.type})


def _factor_failed(user: User, **kwargs: Any) -> None:
    audit.record(actor=SIGN_IN, verb="wrong_second_factor", target=user)
