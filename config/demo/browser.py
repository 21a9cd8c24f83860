"""A person at the desk, over HTTP: the forms a browser would send, and nothing a page lacks."""

from collections.abc import Mapping
from typing import Any

import httpx
from lxml import html


class UnexpectedAnswer(Exception):
    """The desk answered something else than the play expects."""


class Reviewer:
    """Signs in and sends the desk's own forms, with the tokens and versions they carry."""

    def __init__(self, *, web_url: str, email: str, password: str) -> None:
        self.email = email
        self._client = httpx.Client(base_url=web_url, timeout=30, follow_redirects=True)
        page = self._client.get("/accounts/login/")
        self._submit(page, form_having="login", values={"login": email, "password": password})
        if "sessionid" not in self._client.cookies:
            raise UnexpectedAnswer(f"{email} could not sign in.")

    def take_lease(self, case_number: int) -> None:
        page = self._client.get(f"/cases/{case_number}/")
        token = _csrf_token(page)
        self._client.post(
            f"/cases/{case_number}/lease/",
            data={"csrfmiddlewaretoken": token},
            headers={"Referer": str(page.url)},
        ).raise_for_status()

    def propose(self, case_number: int, values: Mapping[str, str]) -> httpx.Response:
        """Fill in the decision bar of a case the person holds, and send it."""
        page = self._client.get(f"/cases/{case_number}/")
        return self._submit(page, form_having="outcome", values=values)

    def answer(self, case_number: int, answer: str) -> httpx.Response:
        """Answer the proposal that waits on a case: `yes` or `no`."""
        page = self._client.get(f"/cases/{case_number}/")
        return self._submit(page, form_having="answer", values={"answer": answer})

    def policy_titled(self, case_number: int, beginning: str) -> str:
        """Return the value of the basis whose label begins so, as the form offers it."""
        page = _parsed(self._client.get(f"/cases/{case_number}/"))
        for option in page.xpath("//select[@name='basis']/option"):
            if option.text_content().strip().startswith(beginning):
                return str(option.get("value"))
        raise UnexpectedAnswer(f"The case offers no basis that begins with {beginning!r}.")

    def _submit(
        self, page: httpx.Response, *, form_having: str, values: Mapping[str, str]
    ) -> httpx.Response:
        """Send the form with that field, filled in. Of two, the one whose fixed fields agree."""
        for form in _parsed(page).forms:
            fixed = {
                field.get("name"): field.get("value")
                for field in form.xpath(".//input[@type='hidden']")
                if field.get("name") in values
            }
            if form_having in form.fields and fixed.items() <= values.items():
                return self._client.post(
                    page.url.join(form.action or ""),
                    data={**dict(form.form_values()), **values},
                    headers={"Referer": str(page.url)},
                )
        raise UnexpectedAnswer(f"{page.url} has no form with a field {form_having!r}.")


def _parsed(page: httpx.Response) -> Any:
    return html.fromstring(page.text)


def _csrf_token(page: httpx.Response) -> str:
    return str(_parsed(page).xpath("//input[@name='csrfmiddlewaretoken']/@value")[0])
