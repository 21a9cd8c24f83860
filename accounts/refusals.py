"""What is refused, as types. The text of a refusal is safe to show and says what helps."""

from typing import Any, ClassVar

from django.db import models


class Refusal(Exception):
    """Something that will not be done, with the reason for the person who asked.

    `code` names the rule for programs; `str(refusal)` is for people. `status` is how HTTP says
    it: 409 where the state of things forbids it, 403 where the person may not. A verb may set
    `target`, so that the refusal stands in the history of the object it concerns.
    """

    code = "refused"
    status: ClassVar[int] = 409
    target: models.Model | None = None

    def about(self, target: models.Model) -> "Refusal":
        """Name the object that the refusal concerns: `raise NotAllowed("...").about(case)`."""
        self.target = target
        return self

    def facts(self) -> dict[str, Any]:
        """What a program needs besides the code and the text, such as the holds that stand."""
        return {}


class NotAllowed(Refusal):
    """The person may see the object and may not do this to it."""

    code = "not_allowed"
    status = 403
