"""A small platform in its own process, which speaks the connector API (docs/connector-api.md).

It exists so that a platform team can see exactly what to implement, and so that tests and the
demonstration meet a real network and a real second database. Standard library only, no Django.
"""
