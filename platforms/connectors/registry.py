"""Which connectors there are. A platform row names one of them."""

from __future__ import annotations

from collections.abc import Callable

from platforms.connectors.base import Connector, ConnectorUnavailable
from platforms.connectors.holdfast_http import HoldfastHTTP

CONNECTORS: dict[str, Callable[..., Connector]] = {
    "holdfast_http": HoldfastHTTP,
}


class NoSuchConnector(ConnectorUnavailable):
    """A platform names a connector that this version does not have."""


def open_connector(name: str, *, base_url: str, token_reference: str) -> Connector:
    """Return the connector called `name`, ready to be used in a `with` block.

    Raise NoSuchConnector, or SecretMissing when the token is not in its place.
    """
    try:
        connector = CONNECTORS[name]
    except KeyError:
        known = ", ".join(sorted(CONNECTORS))
        raise NoSuchConnector(f"No connector is called {name!r}. There is: {known}.") from None
    return connector(base_url=base_url, token_reference=token_reference)
