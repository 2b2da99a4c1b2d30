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
_MOST_DEPTH = 8


def attributes_of(info: DocumentInfo) -> dict[str, str]:
    """Return what filters can ask of a document."""
    values = {"document": info.name, "title": info.title, "date": info.date, "source": info.source}
    return {key: value for key, value in values.items() if value is not None}


def matches(attributes: Mapping[str, str], wanted: Any, depth: int = 0) -> bool:
    """Return whether a document's attributes fit a comparison or a compound filter.

    Raises:
        BadRequest: it is no such filter.
    """
    if not isinstance(wanted, Mapping) or depth > _MOST_DEPTH:
        raise BadRequest('a filter is {"type": "eq", "key": "date", "value": "2023"}, or "and" / "or" of such filters')
    kind = wanted.get("type")
    if kind in ("and", "or"):
        filters = wanted.get("filters")
        if not isinstance(filters, list) or not filters:
            raise BadRequest(f"the filter {kind!r} needs a list of filters")
        met = [matches(attributes, one, depth + 1) for one in filters]
        return all(met) if kind == "and" else any(met)
    key, value = wanted.get("key"), wanted.get("value")
    if kind not in _COMPARE:
        raise BadRequest(f"there is no filter of type {str(kind)[:40]!r}; there are {', '.join(_COMPARE)}, and, or")
    if key not in KEYS:
        raise BadRequest(f"documents have no attribute {str(key)[:40]!r} to filter by; they have {', '.join(KEYS)}")
    several = kind in ("in", "nin")
    if not (
        isinstance(value, list) and all(isinstance(one, str) for one in value) if several else isinstance(value, str)
    ):
        raise BadRequest(
            f"the value of a filter {kind!r} on {key!r} is {'a list of strings' if several else 'a string'}"
        )
    there = attributes.get(key)
    if there is None:
        return kind in ("ne", "nin")
    return _COMPARE[kind](there, value)
