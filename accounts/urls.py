"""Addresses for the people who work here: signing in, roles, the record, API tokens.

allauth's own addresses are named one by one. What is absent is meant to be: nobody signs up,
changes their e-mail address or resets a password by mail.
"""

from allauth.account import views as account_views
from django.urls import include, path

from accounts.views import invitations

urlpatterns = [
    path("invitations/<str:token>/", invitations.accept_invitation, name="accept_invitation"),
    path("login/", account_views.login, name="account_login"),
    path("logout/", account_views.logout, name="account_logout"),
    path("inactive/", account_views.account_inactive, name="account_inactive"),
    path("reauthenticate/", account_views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account_views.password_change, name="account_change_password"),
    path("2fa/", include("allauth.mfa.urls")),
]
