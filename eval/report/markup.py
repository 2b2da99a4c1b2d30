"""Small pieces of HTML and SVG, escaped where they are made."""

from __future__ import annotations

import html
from collections.abc import Iterable

_VOID = {"br", "hr", "input"}
"""Elements without an end tag."""


class Markup(str):
    """Text that is markup already and is not escaped again."""

    __slots__ = ()


def escape(value: object) -> Markup:
    """Return ``value`` as text inside an element or an attribute; markup stays as it is."""
    return value if isinstance(value, Markup) else Markup(html.escape(str(value), quote=True))


def tag(name: str, *children: object, **attributes: object) -> Markup:
    """Return an element. ``class_`` is the attribute "class", "_" in others is "-"; None and False leave one out."""
    parts = [f"<{name}"]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        label = key.rstrip("_").replace("_", "-")
        parts.append(f" {label}" if value is True else f' {label}="{escape(value)}"')
    if name in _VOID:
        return Markup("".join(parts) + ">")
    return Markup("".join(parts) + ">" + "".join(escape(child) for child in children) + f"</{name}>")


def join(pieces: Iterable[object], separator: str = "") -> Markup:
    """Return pieces one after the other, each escaped unless it is markup."""
    return Markup(escape(separator).join(escape(piece) for piece in pieces))


def table(head: Iterable[object], rows: Iterable[Iterable[object]], class_: str = "") -> Markup:
    """Return a table; a cell that is a ready ``<td`` stays one."""
    heads = tag("thead", tag("tr", *(tag("th", cell) for cell in head)))
    body = tag("tbody", *(tag("tr", *(_cell(cell) for cell in row)) for row in rows))
    return tag("div", tag("table", heads, body, class_=class_ or None), class_="scroll")


def _cell(cell: object) -> Markup:
    return cell if isinstance(cell, Markup) and cell.startswith("<td") else tag("td", cell)
