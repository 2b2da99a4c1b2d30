"""Texts on which a regular expression may take more than linear time, made from its own parts."""

from __future__ import annotations

import ast
import importlib
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any, NamedTuple

POOL = [*"aA1中的一\n，。,.-'\"“()[]#|*:/;?_、《<> \t", "a ", "1,", "A "]
"""Characters of every class that patterns tell apart."""
NOTHING = 0.0005
"""Seconds too short to be measured."""
_UNBOUNDED = 64
"""From here on, a bound costs as much as none on the texts that are tried."""


class Used(NamedTuple):
    """A pattern, and whether it is looked for everywhere in a text, or only matched at one place."""

    pattern: re.Pattern[str]
    searched: bool


def patterns(*packages: str) -> dict[str, Used]:
    """Every compiled pattern that a module of these packages holds, and every literal that one hands to ``re``.

    Names are ``module:line`` or ``module.NAME``.
    """
    roots = [Path(str(importlib.import_module(package).__file__)).parent for package in packages]
    sources = {
        ".".join([root.name, *file.relative_to(root).with_suffix("").parts]): file.read_text("utf-8")
        for root in roots
        for file in sorted(root.rglob("*.py"))
    }
    everywhere = _searched("\n".join(sources.values()))
    found: dict[str, Used] = {}
    for name, source in sources.items():
        if re.search(r"^import re$", source, re.M):
            module = importlib.import_module(name)
            found |= _held(module, _searched(source), everywhere) | _written(module, source)
    unique = {(one.pattern.pattern, one.pattern.flags, one.searched): name for name, one in reversed(found.items())}
    return {name: found[name] for name in reversed(unique.values())}


def _searched(source: str) -> frozenset[str]:
    """Names of constants that are used for more than a match at one place, or may be."""
    used = re.findall(r"\b(_?[A-Z][A-Z_\d]*)\b(?!\.(?:match|fullmatch|pattern)\b| = |, _|: )", source)
    return frozenset(used)


def _held(module: ModuleType, here: frozenset[str], everywhere: frozenset[str]) -> dict[str, Used]:
    found = {}
    for name, value in vars(module).items():
        for one in _patterns_in(value):
            if isinstance(one.pattern, str):
                searched = not isinstance(value, re.Pattern) or name in (here if name.startswith("_") else everywhere)
                found[f"{module.__name__}.{name}"] = Used(one, searched)
    return found


def _patterns_in(value: object, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 3 and isinstance(value, dict):
        for one in [*value.keys(), *value.values()]:
            yield from _patterns_in(one, depth + 1)
    elif depth < 3 and isinstance(value, (tuple, list, frozenset, set)):
        for one in value:
            yield from _patterns_in(one, depth + 1)


def _written(module: ModuleType, source: str) -> dict[str, Used]:
    found = {}
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Attribute)):
            continue
        if ast.unparse(node.func.value) != "re" or node.func.attr in ("escape", "compile"):
            continue
        try:
            text = eval(ast.unparse(node.args[0]), dict(vars(module)))
        except NameError:  # made of a name in a document, say
            continue
        if not isinstance(text, str):
            continue
        flags = sum(getattr(re, flag) for flag in set(re.findall(r"\bre\.([A-Z])\b", ast.unparse(node))))
        searched = node.func.attr not in ("match", "fullmatch")
        found[f"{module.__name__}:{node.lineno}"] = Used(re.compile(text, flags), searched)
    return found


def attacks(pattern: re.Pattern[str]) -> list[tuple[str, str, str]]:
    """Prefix, repeated unit, suffix: each unbounded repeat of the pattern, and what leads to it."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    units: dict[tuple[str, str], None] = {}
    for prefix, body in _repeats(tree.data, ""):
        for unit in _samples(body, 4):
            if unit:
                units[prefix[-40:], unit] = None
                units["", prefix[-40:] + unit] = None
                units["", unit] = None
    for unit in POOL:
        units["", unit] = None
    whole = next(iter(_samples(tree.data, 1)), "")
    if whole:
        units["", whole] = None
    return [(prefix, unit, end) for prefix, unit in units for end in ("", "\x00")]


def _repeats(items: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """Each unbounded repeat with a text that leads to it."""
    for op, value in items:
        if op in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            _, most, body = value
            if most >= _UNBOUNDED:
                yield prefix, body.data
            yield from _repeats(body.data, prefix)
        elif op is codes.SUBPATTERN:
            yield from _repeats(value[3].data, prefix)
        elif op is codes.ATOMIC_GROUP:
            yield from _repeats(value.data, prefix)
        elif op is codes.BRANCH:
            for one in value[1]:
                yield from _repeats(one.data, prefix)
        elif op in (codes.ASSERT, codes.ASSERT_NOT):
            yield from _repeats(value[1].data, prefix)
        prefix += next(iter(_samples([(op, value)], 1)), "")


def _samples(items: Any, most: int) -> list[str]:
    """Texts that a sequence matches, at most so many."""
    texts = [""]
    for op, value in items:
        choices = _choices(op, value, most)
        if len(texts) * len(choices) <= most:
            texts = [text + choice for text in texts for choice in choices]
        elif len(choices) > 1:
            texts = [texts[i % len(texts)] + choice for i, choice in enumerate(choices[:most])]
        else:
            texts = [text + choices[0] for text in texts]
    return list(dict.fromkeys(texts))[:most]


def _choices(op: Any, value: Any, most: int) -> list[str]:
    if op is codes.LITERAL:
        return [chr(value)]
    if op is codes.ANY:
        return ["a", "中", "1"]
    if op in (codes.NOT_LITERAL, codes.IN, codes.CATEGORY):
        return _of_class([(op, value)])
    if op in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        least, _, body = value
        return [text * max(least, 1) for text in _samples(body.data, most)]
    if op is codes.SUBPATTERN:
        return _samples(value[3].data, most)
    if op is codes.ATOMIC_GROUP:
        return _samples(value.data, most)
    if op is codes.BRANCH:
        return [text for one in value[1] for text in _samples(one.data, 2)][: most * 2]
    return [""]


def _of_class(items: Any) -> list[str]:
    """One character of each kind that a class holds."""
    pattern = parser.SubPattern(parser.State(), items)
    compiled = sys.modules["re._compiler"].compile
    matcher = compiled(pattern, 0)
    pool = [char for char in POOL if len(char) == 1] + [chr(n) for n in range(33, 127)]
    held = list(dict.fromkeys(char for char in pool if matcher.fullmatch(char)))
    if not held:
        held = [chr(n) for n in range(0x80, 0x3100) if matcher.fullmatch(chr(n))][:1] or [
            chr(n) for n in range(0x3100, 0x11000) if matcher.fullmatch(chr(n))
        ][:1]
    kinds: dict[str, str] = {}
    for char in held:
        kind = "w" if char.isalnum() and ord(char) < 128 and not char.isdigit() else "1" if char.isdigit() else char
        kinds.setdefault(kind, char)
    return list(kinds.values())[:6] or [""]


def growth(used: Used, attack: tuple[str, str, str], length: int) -> float:
    """Return by how much four times the length multiplies the CPU time: 4 if it is linear; 0 where it takes none."""
    prefix, unit, suffix = attack
    short, long = (prefix + unit * (chars // len(unit)) + suffix for chars in (length, 4 * length))
    took = _seconds(used, long)
    return 0.0 if took < NOTHING else took / max(_seconds(used, short), NOTHING / 100)


def _seconds(used: Used, text: str) -> float:
    began = time.process_time()
    if used.searched:
        for _ in used.pattern.finditer(text):
            pass
    else:
        used.pattern.match(text)
    return time.process_time() - began
