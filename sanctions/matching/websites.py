"""Websites as evidence: the same site on a list and in a profile's links."""

import re
from functools import lru_cache

from sanctions.matching.word_lists import words

# Hosts where everybody has a page: there the first part of the path is what tells people apart.
_SHARED_HOSTS = words(
    """
    facebook.com fb.com instagram.com twitter.com x.com t.me telegram.me youtube.com youtu.be
    vk.com ok.ru tiktok.com linkedin.com linktr.ee threads.net wordpress.com blogspot.com
    google.com wikipedia.org github.com medium.com bit.ly wa.me
    """
)
_ADDRESS = re.compile(
    r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^/@]*@)?([^/:?#\s]+)(?::\d+)?(/[^?#\s]*)?", re.I
)


@lru_cache(maxsize=1 << 12)
def site_of(address: str) -> str:
    """The site an address belongs to: its host without `www.`, with a name on a shared host.

    Empty when the text holds no host.
    """
    match = _ADDRESS.match(address[:300].strip())
    if match is None or "." not in match[1]:
        return ""
    host = match[1].casefold().strip(".")
    for prefix in ("www.", "m."):
        host = host.removeprefix(prefix)
    if host not in _SHARED_HOSTS:
        return host
    first = (match[2] or "").strip("/").split("/")[0].casefold().lstrip("@")
    return f"{host}/{first}" if first else ""
