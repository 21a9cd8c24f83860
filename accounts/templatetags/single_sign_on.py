"""What the sign-in page says of single sign-on."""

from django import template
from django.conf import settings

from accounts import openid

register = template.Library()


@register.simple_tag
def provider_name() -> str:
    """The name of the provider to sign in with, or nothing where there is none."""
    return settings.OIDC_NAME if openid.is_set_up() else ""
