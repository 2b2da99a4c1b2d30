"""Answers as JSON: in their own schema, or fitted into one that a client asks for.

A client's schema may have any of the answer's properties, each in its own form or a simpler one: a sentence or a
citation may also be a string (its text, its quote), a citation a number (the one in the text).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qa.errors import BadRequest
from qa.types import Answer, AnswerSentence, Citation

if TYPE_CHECKING:  # imported when a schema is first asked for
    from jsonschema.exceptions import ValidationError

PROPERTIES = ("answer", "abstained", "reason", "sentences", "citations", "warnings")
Schema = Mapping[str, Any]
_NAMED = {"string": ("text", "quote"), "integer": ("number",), "number": ("number",)}
"""What stands for a sentence or a citation where a schema wants something simpler."""
_MOST_DEPTH = 20


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

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise BadRequest(f"the schema is no JSON Schema: {error.message[:200]}") from error
    if _has_patterns(schema):
        raise BadRequest("the schema has a pattern, which is not supported; take it out, and check the text yourself")
    for example in (_ANSWERED, _ABSTAINED):
        _fitted(as_object(example), schema)


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
    except (Unresolvable, RecursionError) as error:
        raise BadRequest("the schema has a $ref that leads nowhere, or in a circle") from error
    return found


def _reason(error: ValidationError) -> str:
    """Return what is wrong, without the values."""
    if error.validator == "required":
        return error.message
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
        target: Any = root
        for part in reference[2:].split("/"):
            target = target.get(part) if isinstance(target, Mapping) else None
        schema = target
    return schema


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
