"""What is refused, as types. The text of a refusal is safe to show and says what helps."""


class Refusal(Exception):
    """Something that will not be done, with the reason for the person who asked.

    `code` names the rule for programs; `str(refusal)` is for people.
    """

    code = "refused"


class NotAllowed(Refusal):
    """The person may see the object and may not do this to it."""

    code = "not_allowed"
