"""Readers of the official list formats. Pure Python: no Django, no network.

`reading.read_list` is the way in. Whatever the format, it yields `entries.ListEntry`, the canonical
form that versions, differences and matching work on. What cannot be trusted is refused with a
`refusals.ListRefused`, whose reason code is stored and whose text is shown to the person who looks.
"""
