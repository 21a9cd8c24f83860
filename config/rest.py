"""How the API reads a body, pages through rows and limits its callers.

The rooms write views; what holds for all of them is set here, through the settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import BadRequest
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.utils.urls import replace_query_param

from accounts.models import ApiToken, User
from cases.keyset import Key


class BoundedJSONParser(JSONParser):
    """JSON that is nested no deeper than Python reads. Its size is bounded by Django."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("This is nested too deeply.") from error


class CallerThrottle(SimpleRateThrottle):
    """A limit for each token; for a browser's session, for its person.

    Callers without either get no further than 401. Their addresses are kept nowhere.
    """

    scope = "caller"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        if isinstance(request.auth, ApiToken):
            return f"throttle:token:{request.auth.pk}"
        if isinstance(request.user, User):
            return f"throttle:person:{request.user.pk}"
        return None


class KeysetPagination(BasePagination):
    """Pages that begin after the last row of the page before (`cases.keyset`).

    The view names its order as `ordering`, or by `get_ordering()`: columns that are never
    null, all in one direction, the last one unique.
    """

    size: ClassVar[int] = 50
    largest_size: ClassVar[int] = 200

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        ordering = view.get_ordering() if hasattr(view, "get_ordering") else view.ordering
        key = Key(
            [name.removeprefix("-") for name in ordering],
            descending=ordering[0].startswith("-"),
        )
        after = request.query_params.get("cursor", "")
        try:
            page = key.page(queryset, after=after, size=self._size(request))
        except BadRequest as error:
            raise ValidationError({"cursor": ["This is no cursor of this list."]}) from error
        self.next_address = page.after and replace_query_param(
            request.build_absolute_uri(), "cursor", page.after
        )
        return page.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next_address, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {
                    "type": "string",
                    "format": "uri",
                    "nullable": True,
                    "description": "The address of the next page. Null on the last.",
                },
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": "Where the page begins, as in `next` of the page before.",
                "schema": {"type": "string"},
            },
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "description": "How many rows a page has.",
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": self.largest_size,
                    "default": self.size,
                },
            },
        ]

    def _size(self, request: Request) -> int:
        asked = request.query_params.get("page_size")
        if asked is None:
            return self.size
        if asked.isascii() and asked.isdigit() and len(asked) < 6:
            size = int(asked)
            if 1 <= size <= self.largest_size:
                return size
        raise ValidationError({"page_size": [f"Give a number from 1 to {self.largest_size}."]})
