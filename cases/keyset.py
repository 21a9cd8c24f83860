"""Pages by key: a page begins where another ended, and no row before it is read or counted.

A cursor is the key of one row. Rows that come or go meanwhile neither shift a page nor
repeat on the next one.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import BadRequest, ValidationError
from django.db.models import F, Field, Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

Row = TypeVar("Row", bound=Model)

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows in their order, and the cursors of the pages beside them."""

    rows: list[Row]
    before: str | None
    """Cursor for the page before this one. None on the first page."""
    after: str | None
    """Cursor for the page after this one. None on the last page."""


@dataclass(frozen=True, slots=True)
class Key:
    """The columns that order a list, all running one way. The last one is unique."""

    columns: Sequence[str]
    descending: bool = False

    def order(self, queryset: QuerySet[Row], *, backwards: bool = False) -> QuerySet[Row]:
        sign = "-" if self.descending != backwards else ""
        return queryset.order_by(*(f"{sign}{column}" for column in self.columns))

    def page(
        self,
        queryset: QuerySet[Row],
        *,
        after: str = "",
        before: str = "",
        size: int = PAGE_ROWS,
    ) -> Page[Row]:
        """Return up to `size` rows next to a cursor, or the first ones without any.

        Raises `BadRequest` for a cursor that is none of ours.
        """
        if before:
            rows = list(self._beyond(queryset, before, backwards=True)[: size + 1])
            kept = rows[:size][::-1]
            if kept:
                has_more = len(rows) > size
                return Page(
                    kept,
                    before=self.cursor(kept[0]) if has_more else None,
                    after=self.cursor(kept[-1]),
                )
            after = ""
        found = self._beyond(queryset, after) if after else self.order(queryset)
        rows = list(found[: size + 1])
        kept = rows[:size]
        return Page(
            kept,
            before=self.cursor(kept[0]) if after and kept else None,
            after=self.cursor(kept[-1]) if len(rows) > size else None,
        )

    def cursor(self, row: Model) -> str:
        values = [_field(type(row), name).value_to_string(row) for name in self.columns]
        return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")

    def _beyond(
        self, queryset: QuerySet[Row], cursor: str, *, backwards: bool = False
    ) -> QuerySet[Row]:
        columns = Tuple(*(F(column) for column in self.columns))
        lookup = TupleLessThan if self.descending != backwards else TupleGreaterThan
        values = self._values(queryset.model, cursor)
        return self.order(queryset.filter(lookup(columns, values)), backwards=backwards)

    def _values(self, model: type[Model], cursor: str) -> tuple[Any, ...]:
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            texts = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
            return tuple(
                _field(model, name).to_python(text)
                for name, text in zip(self.columns, texts, strict=True)
            )
        except (ValueError, TypeError, binascii.Error, ValidationError) as error:
            raise BadRequest("This address names no page. Start at the first one.") from error


def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    field = model._meta.get_field(name)
    assert isinstance(field, Field)  # noqa: S101  a key is made of the row's own columns
    return field


@dataclass(frozen=True, slots=True)
class Count:
    """A number of rows, counted no further than a limit: "12", or "1 000+"."""

    number: int
    is_more: bool = False

    def __str__(self) -> str:
        digits = f"{self.number:,}".replace(",", "\u00a0")
        return f"{digits}+" if self.is_more else digits

    def __bool__(self) -> bool:
        return self.number > 0

    def up_to(self, limit: int) -> "Count":
        """The same rows, as if the counting had stopped at `limit`."""
        return Count(min(self.number, limit), self.is_more or self.number > limit)

    def __add__(self, other: "Count") -> "Count":
        return Count(self.number + other.number, self.is_more or other.is_more)


def count_up_to(queryset: QuerySet[Row], limit: int) -> Count:
    """Count rows, and stop at `limit`: no page needs to know that there are 412 318."""
    number = queryset.order_by()[: limit + 1].count()
    return Count(min(number, limit), number > limit)
