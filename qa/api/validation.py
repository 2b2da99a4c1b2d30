"""What is wrong with a request, field by field, each named as the caller wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from fastapi.exceptions import RequestValidationError

MOST = 10
"""Complaints that one error lists."""
NAME_CHARS = 100
MOST_LOOKED_AT = 500
"""Of pydantic's own complaints: one body may have a hundred thousand, and this runs in the event loop."""


class Complaint(NamedTuple):
    field: str
    """`messages[0].content`; empty where the body as a whole is meant. ASCII: clients choose the names."""
    message: str
    unknown: bool
    """Whether there is no such field."""


def complaints(error: RequestValidationError) -> list[Complaint]:
    """Return what is wrong, a complaint for each field, in the order of the fields.

    Where a field may be one of several things, pydantic complains once for each: what says most of it is kept.
    What is wrong beyond the first ``MOST_LOOKED_AT`` is left out.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for item in error.errors()[:MOST_LOOKED_AT]:
        reasons = found.setdefault(_field(item["loc"], error.body, item["type"]), [])
        if (reason := (item["type"], str(item["msg"]).removeprefix("Value error, "))) not in reasons:
            reasons.append(reason)
    parents = {parent for field in found for parent in _parents(field)}
    shown = {field: _telling(reasons, field in parents) for field, reasons in found.items()}
    return [
        Complaint(field, " or ".join(message for _, message in reasons[:3]), reasons[0][0] == "extra_forbidden")
        for field, reasons in shown.items()
        if reasons
    ]


def _parents(field: str) -> list[str]:
    """Return the fields that a field is a part of."""
    return [field[:place] for place, char in enumerate(field) if char in ".["]


def _telling(reasons: Sequence[tuple[str, str]], below: bool) -> Sequence[tuple[str, str]]:
    """Leave out that a value is not of another branch's type, where one says more of what is wrong with it."""
    telling = [(kind, message) for kind, message in reasons if not kind.endswith("_type")]
    return telling if telling or below else reasons


def summary(found: Sequence[Complaint]) -> str:
    """Return complaints as one line."""
    return "; ".join(f"{one.field or 'the body'}: {one.message}" for one in found[:MOST])


def _field(location: Sequence[int | str], body: Any, kind: str) -> str:
    """Return the path of a field. What pydantic puts between its parts (the branches of a union) is left out."""
    source, *path = location
    if source != "body":
        return _ascii(".".join(str(part) for part in path))
    at, shown = body, ""
    for place, part in enumerate(path):
        if isinstance(at, dict) and part in at:
            shown += f".{part}"
            at = at[part]
        elif isinstance(at, list) and isinstance(part, int) and part < len(at):
            shown += f"[{part}]"
            at = at[part]
        elif kind == "missing" and place == len(path) - 1:
            shown += f".{part}"
    return _ascii(shown.removeprefix("."))


def _ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()[:NAME_CHARS]
