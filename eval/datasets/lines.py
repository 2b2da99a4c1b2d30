"""Files of one JSON object a line, read with the line's number in every error."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import ValidationError

from ..errors import BadQuestionSet

MAX_ERRORS = 20


class _Named(Protocol):
    @property
    def id(self) -> str: ...


Record = TypeVar("Record", bound=_Named)


def records(path: Path, parse: Callable[[str], Record], what: str) -> tuple[bytes, tuple[Record, ...]]:
    """Return a file's bytes, and what ``parse`` makes of its lines.

    Args:
        parse: raises ValueError for a line that isn't right.
        what: a record's name in errors: "question".

    Raises:
        BadQuestionSet: the file can't be read, is empty, has a line that isn't right, or the same id twice. The
            message lists the first 20 faults, each as ``file:line: field: what is wrong``.
    """
    try:
        data = path.read_bytes()
        lines = data.decode("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadQuestionSet(f"{path} can't be read as a {what} set: {error}") from error
    found: list[Record] = []
    faults: list[str] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = parse(line)
        except ValueError as error:
            faults += [f"{path.name}:{number}: {why}" for why in _explain(error)]
            continue
        if record.id in seen:
            faults.append(f"{path.name}:{number}: id: {record.id!r} stands on line {seen[record.id]} already")
        seen.setdefault(record.id, number)
        found.append(record)
    if faults:
        more = f"\n... and {len(faults) - MAX_ERRORS} more" if len(faults) > MAX_ERRORS else ""
        raise BadQuestionSet("\n".join(faults[:MAX_ERRORS]) + more)
    if not found:
        raise BadQuestionSet(f"{path} holds no {what}; it should have one JSON object a line")
    return data, tuple(found)


def _explain(error: ValueError) -> list[str]:
    if isinstance(error, ValidationError):
        return [f"{'.'.join(map(str, e['loc']))}: {e['msg']} (it is {str(e['input'])[:60]!r})" for e in error.errors()]
    return [f"not JSON: {error}" if isinstance(error, json.JSONDecodeError) else str(error)]
