"""What the sign-in page says of single sign-on.

Every process loads this, the reports' side too, which knows no sign-in: it asks the settings alone.
"""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def provider_name() -> str:
    """The name of the provider to sign in with, or nothing where there is none."""
    return settings.OIDC_NAME if settings.OIDC_SERVER_URL else ""
