"""OpenAI's attribute filters, over documents."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from qa.errors import BadRequest
from vectorstore.types import DocumentInfo

KEYS = ("document", "title", "date", "source")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda value, wanted: value in wanted,
    "nin": lambda value, wanted: value not in wanted,
}
MOST_DEPTH = 8
MOST_FILTERS = 100
MOST_VALUES = 1000
"""Filters in one another, filters, and values of ``in`` and ``nin``, of one request: each document is held to them."""


def attributes_of(info: DocumentInfo) -> dict[str, str]:
    """Return what filters can ask of a document."""
    values = {"document": info.name, "title": info.title, "date": info.date, "source": info.source}
    return {key: value for key, value in values.items() if value is not None}


def check(wanted: Any) -> None:
    """Raise where something is no comparison or compound filter, or a larger one than is looked at.

    Raises:
        BadRequest
    """
    filters = values = 0
    waiting = [(wanted, 1)]
    while waiting:
        one, depth = waiting.pop()
        filters += 1
        if depth > MOST_DEPTH:
            raise BadRequest(f"filters stand in one another {MOST_DEPTH} deep at most")
        inner = _checked(one)
        if isinstance(inner, list):
            waiting += [(each, depth + 1) for each in inner]
        else:
            values += inner
        if filters + len(waiting) > MOST_FILTERS:
            raise BadRequest(f"there are more than {MOST_FILTERS} filters; use in or nin with a list of values")
        if values > MOST_VALUES:
            raise BadRequest(f"the filters in and nin have more than {MOST_VALUES} values together")


def _checked(wanted: Any) -> list[Any] | int:
    """Return the filters of a compound one, or the number of values of a list."""
    if not isinstance(wanted, Mapping):
        raise BadRequest('a filter is {"type": "eq", "key": "date", "value": "2023"}, or "and" / "or" of such filters')
    kind = wanted.get("type")
    if kind in ("and", "or"):
        filters = wanted.get("filters")
        if not isinstance(filters, list) or not filters:
            raise BadRequest(f"the filter {kind!r} needs a list of filters")
        return filters
    key, value = wanted.get("key"), wanted.get("value")
    if not isinstance(kind, str) or kind not in _COMPARE:
        raise BadRequest(f"there is no filter of type {str(kind)[:40]!r}; there are {', '.join(_COMPARE)}, and, or")
    if key not in KEYS:
        raise BadRequest(f"documents have no attribute {str(key)[:40]!r} to filter by; they have {', '.join(KEYS)}")
    if kind not in ("in", "nin"):
        if not isinstance(value, str):
            raise BadRequest(f"the value of a filter {kind!r} on {key!r} is a string")
        return 0
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadRequest(f"the value of a filter {kind!r} on {key!r} is a list of strings")
    return len(value)


def matches(attributes: Mapping[str, str], wanted: Mapping[str, Any]) -> bool:
    """Return whether a document's attributes fit a filter, which ``check`` has passed."""
    kind = wanted["type"]
    if kind in ("and", "or"):
        met = (matches(attributes, one) for one in wanted["filters"])
        return all(met) if kind == "and" else any(met)
    there = attributes.get(wanted["key"])
    if there is None:
        return kind in ("ne", "nin")
    return _COMPARE[kind](there, wanted["value"])
