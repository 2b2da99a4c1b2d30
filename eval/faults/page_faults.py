"""Faults of places, for questions whose evidence has pages and boxes: each changes every citation of the sound run."""

from __future__ import annotations

from collections.abc import Callable

from qa.types import CitedPlace

from ..runs.run_file import Item, Run
from .sandbox import Change, Sandbox

_LINE = 14.0
"""Points: about the height of a line."""


def _places(sandbox: Sandbox, change: Callable[[CitedPlace], CitedPlace]) -> Run:
    def changed(item: Item) -> Item:
        for citation in item.citations:
            citation.places = [change(place) for place in citation.places]
        return item

    return sandbox.each(changed)


def _next_page(place: CitedPlace) -> CitedPlace:
    return place.model_copy(update={"page": place.page + 1})


def _lower(place: CitedPlace) -> CitedPlace:
    boxes = [(left, top + _LINE, right, bottom + _LINE) for left, top, right, bottom in place.boxes]
    return place.model_copy(update={"boxes": boxes})


def _unrotated(place: CitedPlace) -> CitedPlace:
    boxes = [(top, left, bottom, right) for left, top, right, bottom in place.boxes]
    return place.model_copy(update={"boxes": boxes})


FAULTS: tuple[tuple[str, str, Change], ...] = (
    ("pages off by one", "citations name the next page", lambda sandbox: _places(sandbox, _next_page)),
    ("boxes shifted", "boxes are one line too low", lambda sandbox: _places(sandbox, _lower)),
    ("boxes unrotated", "boxes are those of a page before it is rotated", lambda s: _places(s, _unrotated)),
)
