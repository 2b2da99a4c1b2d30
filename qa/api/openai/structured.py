"""Answers as JSON: in their own schema, or fitted into one that a client asks for.

A client's schema may have any of the answer's properties, each in its own form or a simpler one: a sentence or a
citation may also be a string (its text, its quote), a citation a number (the one in the text).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from qa.errors import BadRequest
from qa.types import Answer, AnswerSentence, Citation

if TYPE_CHECKING:  # imported when a schema is first asked for
    from jsonschema.exceptions import ValidationError

PROPERTIES = ("answer", "abstained", "reason", "sentences", "citations", "warnings")
Schema = Mapping[str, Any]
_END = object()
_NAMED = {"string": ("text", "quote"), "integer": ("number",), "number": ("number",)}
"""What stands for a sentence or a citation where a schema wants something simpler."""
_MOST_DEPTH = 20
MOST_PARTS = 10_000
"""Of a schema, each counted again where a ``$ref`` leads to it: what is held against an answer grows with them."""
MOST_NESTED = 100
_LEVELS = 8
"""How deep an answer's own objects and lists are nested, at most: a schema may go round for ever below them."""
_INNER = frozenset(
    (
        *("properties", "additionalProperties", "unevaluatedProperties", "propertyNames"),
        *("items", "prefixItems", "contains", "unevaluatedItems"),
    )
)
"""Keywords that are about what is within an object or a list."""
_OTHER_NAMES = ("$anchor", "$dynamicAnchor", "$dynamicRef", "$id", "$schema")
"""Other ways of naming a part of a schema, or of reading it: each look-up goes through the whole of it."""
_LOST = "the schema has a $ref that leads nowhere or in a circle, or it is nested too deep"


def as_object(answer: Answer) -> dict[str, Any]:
    """Return an answer as JSON has it: ``PROPERTIES``, and of a sentence or citation what a reader needs."""
    return {
        "answer": answer.answer,
        "abstained": answer.abstained,
        "reason": answer.reason,
        "sentences": [{"text": one.text, "citations": one.citations} for one in answer.sentences],
        "citations": [one.model_dump(mode="json") for one in answer.citations],
        "warnings": answer.warnings,
    }


def as_json(answer: Answer, schema: Schema | None) -> str:
    """Return an answer as JSON text.

    Args:
        schema: what it is to fit, checked with ``check``; None for its own.

    Raises:
        BadRequest: this very answer does not fit.
    """
    whole = as_object(answer)
    if schema is not None:
        whole = _fitted(whole, schema)
    return json.dumps(whole, ensure_ascii=False)


def check(schema: Schema) -> None:
    """Raise when answers can't fit a schema.

    Raises:
        BadRequest: with what is wrong, and the properties that there are.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    _require_small(schema)
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise BadRequest(f"the schema is no JSON Schema: {error.message[:200]}") from error
    except (RecursionError, ValueError) as error:
        raise BadRequest(_LOST) from error
    if _has_patterns(schema):
        raise BadRequest("the schema has a pattern, which is not supported; take it out, and check the text yourself")
    _require_plain_references(schema)
    try:
        too_many = next(islice(_expanded(schema, schema, 0), MOST_PARTS, None), _END) is not _END
    except RecursionError as error:
        raise BadRequest(_LOST) from error
    if too_many:
        raise BadRequest(
            f"the schema has more than {MOST_PARTS:,} parts, each counted as often as a $ref leads to it; simplify it"
        )
    for example in (_ANSWERED, _ABSTAINED):
        _fitted(as_object(example), schema)


def _require_small(schema: Schema) -> None:
    """Raise BadRequest for a schema that is long or deep as it is written: even reading it would take long."""
    waiting: list[tuple[Any, int]] = [(schema, 0)]
    count = 0
    while waiting:
        node, depth = waiting.pop()
        count += 1
        if count > MOST_PARTS:
            raise BadRequest(f"the schema has more than {MOST_PARTS:,} parts; simplify it")
        if depth > MOST_NESTED:
            raise BadRequest(f"the schema is nested more than {MOST_NESTED} deep; simplify it")
        parts = node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
        waiting.extend((part, depth + 1) for part in parts)


def _require_plain_references(schema: Any, top: bool = True) -> None:
    """Raise BadRequest where a part refers to another one in any way but by its path, as in ``#/$defs/NAME``."""
    if isinstance(schema, Mapping):
        for key in () if top else _OTHER_NAMES:
            if isinstance(schema.get(key), str):
                raise BadRequest(f"the schema has {key} in it, which is not supported; use a $ref to #/$defs/NAME")
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference != "#" and not reference.startswith("#/"):
            raise BadRequest(f"{_LOST}: {reference[:100]!r}; use a $ref to #/$defs/NAME")
    parts = schema.values() if isinstance(schema, Mapping) else schema if isinstance(schema, list) else ()
    for part in parts:
        _require_plain_references(part, top=False)


def _expanded(node: Any, root: Schema, level: int) -> Iterator[Any]:
    """Yield each part of a schema as often as an answer may be held against it, whatever conditions it stands behind.

    Args:
        level: how deep in an answer that is.
    """
    if level > _LEVELS:
        return
    yield node
    if isinstance(node, list):
        for part in node:
            yield from _expanded(part, root, level)
    elif isinstance(node, Mapping):
        for key, part in node.items():
            if key == "$ref" and isinstance(part, str):
                yield from _expanded(_target(part, root), root, level)
            elif key not in ("$defs", "definitions"):
                yield from _expanded(part, root, level + (key in _INNER))


def _has_patterns(schema: Any) -> bool:
    """Whether it has regular expressions, which may run for hours."""
    if isinstance(schema, Mapping):
        named = isinstance(schema.get("pattern"), str) or "patternProperties" in schema
        return named or any(map(_has_patterns, schema.values()))
    return isinstance(schema, list) and any(map(_has_patterns, schema))


def _fitted(whole: dict[str, Any], schema: Schema) -> dict[str, Any]:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        found: dict[str, Any] = _fit(whole, schema, schema, 0)
        # The default registry would fetch what a $ref names from the network.
        Draft202012Validator(schema, registry=Registry()).validate(found)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.absolute_path)
        raise BadRequest(
            f"an answer does not fit this schema{f', at {where}' if where else ''}: {_reason(error)}. "
            f"A schema may have these properties: {', '.join(PROPERTIES)}; with the type json_object they all come"
        ) from error
    except (Unresolvable, RecursionError, ValueError) as error:
        raise BadRequest(_LOST) from error
    return found


def _reason(error: ValidationError) -> str:
    """Return what is wrong, without the values."""
    if error.validator == "required":
        return error.message[:200]
    return f"{error.validator} is {json.dumps(error.validator_value, ensure_ascii=False)[:100]}"


def _fit(value: Any, schema: Any, root: Schema, depth: int) -> Any:
    """Return ``value`` with only what ``schema`` asks for, in the form that it asks for."""
    schema = _resolved(schema, root)
    if depth > _MOST_DEPTH or not isinstance(schema, Mapping):
        return value
    kinds = schema.get("type")
    for kind in [kinds] if isinstance(kinds, str) else kinds or _kinds_of(schema, root):
        if isinstance(value, dict) and kind in _NAMED:
            return next((value[name] for name in _NAMED[kind] if name in value), value)
    if isinstance(value, dict):
        properties = schema.get("properties")
        if not isinstance(properties, Mapping):
            return value
        return {
            name: _fit(value[name], wanted, root, depth + 1) for name, wanted in properties.items() if name in value
        }
    if isinstance(value, list) and (items := schema.get("items")) is not None:
        return [_fit(item, items, root, depth + 1) for item in value]
    return value


def _kinds_of(schema: Schema, root: Schema) -> list[str]:
    """Return the types of the branches of ``anyOf``, as of an optional field."""
    branches = (_resolved(branch, root) for branch in schema.get("anyOf", ()))
    return [
        branch["type"] for branch in branches if isinstance(branch, Mapping) and isinstance(branch.get("type"), str)
    ]


def _resolved(schema: Any, root: Schema) -> Any:
    """Follow a reference into the schema's own definitions."""
    for _ in range(_MOST_DEPTH):
        reference = schema.get("$ref") if isinstance(schema, Mapping) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return schema
        schema = _target(reference, root)
    return schema


def _target(reference: str, root: Schema) -> Any:
    """Return what a reference leads to, a JSON pointer behind ``#``; None where there is nothing."""
    target: Any = root
    for part in unquote(reference.removeprefix("#")).split("/")[1:]:
        if isinstance(target, list):
            target = target[int(part)] if part.isdecimal() and int(part) < len(target) else None
        else:
            name = part.replace("~1", "/").replace("~0", "~")
            target = target.get(name) if isinstance(target, Mapping) else None
    return target


_CITED = Citation(number=1, document="a", document_id="a", title="a", section="a", quote="a", spans=[(0, 1)])
_ANSWERED = Answer(
    question="a",
    standalone_question="a",
    answer="a",
    abstained=False,
    sentences=[AnswerSentence(text="a", citations=[1])],
    citations=[_CITED],
)
_ABSTAINED = Answer(question="a", standalone_question="a", answer="a", abstained=True, reason="not_stated")
