"""What the pages of a report show of its cases. The room of reports knows no case itself."""

from typing import Any

from django import template

from accounts.models import User
from cases import reportpage
from intake.models import Report

register = template.Library()


@register.inclusion_tag("cases/reports/panel.html")
def accounts_and_case(report: Report) -> dict[str, Any]:
    """Show the accounts of a report, the state of each case, and the way to the page for both."""
    return {"report": report, "accounts": reportpage.read(report)}


@register.inclusion_tag("cases/reports/to_answer.html")
def reports_to_answer(user: User) -> dict[str, Any]:
    """Remind a coordinator of reporters who wait for what was decided."""
    return {"reports": reportpage.waiting_for_an_answer(user)}
