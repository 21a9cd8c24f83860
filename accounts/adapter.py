from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class DeskAccountAdapter(DefaultAccountAdapter):
    """Nobody signs up to a desk: people are invited."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
