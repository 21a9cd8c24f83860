"""Addresses for the people who work here: signing in, roles, the record, API tokens.

allauth's own addresses are named one by one. What is absent is meant to be: nobody signs up,
changes their e-mail address or resets a password by mail.
"""

from allauth.account import views as account_views
from django.urls import include, path

from accounts.views import audit, invitations, me, people, resets, roles, single_sign_on, teams

desk_patterns = [
    path("me/", me.me, name="me"),
    path("me/sessions/end/", me.end_session, name="end_session"),
    path("me/tokens/new/", me.create_token, name="create_token"),
    path("me/tokens/<int:pk>/revoke/", me.revoke_token, name="revoke_token"),
    path("roles/", roles.roles, name="roles"),
    path("roles/record.csv", roles.record, name="roles_record"),
    path("roles/review/", roles.review, name="review"),
    path("roles/new/", roles.propose, name="propose_grant"),
    path("roles/proposals/<int:pk>/approve/", roles.approve, name="approve_grant"),
    path("roles/proposals/<int:pk>/refuse/", roles.refuse, name="refuse_grant"),
    path("roles/proposals/<int:pk>/withdraw/", roles.withdraw, name="withdraw_grant"),
    path("roles/grants/<int:pk>/end/", roles.end, name="end_grant"),
    path("people/", people.people, name="people"),
    path("people/<int:pk>/close/", people.close_account, name="close_account"),
    path("people/<int:pk>/sessions/end/", people.end_sessions, name="end_sessions"),
    path("people/invitations/<int:pk>/revoke/", people.revoke_invitation, name="revoke_invitation"),
    path("people/<int:pk>/second-factor/reset/", resets.ask, name="ask_reset"),
    path("people/resets/<int:pk>/approve/", resets.approve, name="approve_reset"),
    path("people/resets/<int:pk>/refuse/", resets.refuse, name="refuse_reset"),
    path("people/resets/<int:pk>/withdraw/", resets.withdraw, name="withdraw_reset"),
    path("resets/<str:token>/", resets.enrol_anew, name="enrol_anew"),
    path("teams/", teams.teams, name="teams"),
    path("teams/<int:pk>/members/new/", teams.add_member, name="add_team_member"),
    path(
        "teams/<int:pk>/members/<int:user_pk>/remove/",
        teams.remove_member,
        name="remove_team_member",
    ),
    path("invitations/<str:token>/", invitations.accept_invitation, name="accept_invitation"),
    path("record/", audit.record, name="record"),
    path("record/export/", audit.export, name="export_record"),
]

urlpatterns = [
    path("", include((desk_patterns, "accounts"))),
    path("login/", account_views.login, name="account_login"),
    path("logout/", account_views.logout, name="account_logout"),
    path("inactive/", account_views.account_inactive, name="account_inactive"),
    path("reauthenticate/", account_views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account_views.password_change, name="account_change_password"),
    path("sso/", single_sign_on.begin, name="account_sso"),
    path("sso/callback/", single_sign_on.finish, name="account_sso_callback"),
    path("2fa/", include("allauth.mfa.urls")),
]
