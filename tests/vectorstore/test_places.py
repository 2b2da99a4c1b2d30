"""Places of characters: from spans to pages and boxes, packed and unpacked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vectorstore.places import Box, Page, Places

PAGES = (Page("iv", 600, 800), Page("v", 600, 800))


def row(y: float, count: int, x: float = 100) -> list[Box | None]:
    """Return the boxes of characters in a row, 10 points wide and high."""
    return [(x + 10 * n, y, x + 10 * n + 10, y + 10) for n in range(count)]


def test_characters_of_a_line_share_a_box_and_lines_have_their_own() -> None:
    places = Places.of(PAGES, [(0, 0)], [*row(50, 3), None, *row(64, 2)])
    (place,) = places.of_spans([(0, 6)])
    assert (place.page, place.label, place.page_size) == (1, "iv", (600, 800))
    assert place.boxes == ((100, 50, 130, 60), (100, 64, 120, 74))


def test_cells_far_apart_on_one_line_have_boxes_of_their_own() -> None:
    places = Places.of(PAGES, [(0, 0)], [*row(50, 2), *row(50, 2, x=400)])
    assert [len(place.boxes) for place in places.of_spans([(0, 4)])] == [2]


def test_spans_over_a_page_break_have_a_place_on_each_page() -> None:
    places = Places.of(PAGES, [(0, 0), (3, 1)], [*row(700, 3), *row(50, 3)])
    first, second = places.of_spans([(1, 5)])
    assert (first.label, first.boxes) == ("iv", ((110, 700, 130, 710),))
    assert (second.page, second.label, second.boxes) == (2, "v", ((100, 50, 120, 60),))
    assert [place.page for place in places.of_spans([(4, 5), (0, 1)])] == [2, 1]


def test_a_page_may_come_back_later_in_the_text() -> None:
    places = Places.of(PAGES, [(0, 0), (2, 1), (4, 0)], row(50, 6))
    assert [place.page for place in places.of_spans([(0, 6)])] == [1, 2]
    assert [place.page for place in places.of_spans([(5, 6)])] == [1]


def test_pages_without_boxes_are_told_alone() -> None:
    places = Places.of([Page("1", kind="slide")], [(0, 0)])
    (place,) = places.of_spans([(3, 9)])
    assert (place.page, place.kind, place.boxes, place.page_size) == (1, "slide", (), None)


def test_a_very_large_page_is_packed_more_coarsely() -> None:
    places = Places.of([Page("1", 200_000, 200_000)], [(0, 0)], [(150_000, 10, 160_000, 100)])
    ((left, _, right, _),) = places.of_spans([(0, 1)])[0].boxes
    assert (left, right) == (pytest.approx(150_000, abs=4), pytest.approx(160_000, abs=4))


SIDE = st.floats(0, 590).map(lambda side: round(side, 1))


@given(st.lists(st.none() | st.tuples(SIDE, SIDE), max_size=40), st.data())
def test_what_is_packed_comes_back(corners: list[tuple[float, float] | None], data: st.DataObject) -> None:
    boxes: list[Box | None] = [corner and (*corner, corner[0] + 9.5, corner[1] + 9.5) for corner in corners]
    cut = data.draw(st.integers(1, max(1, len(boxes))))
    places = Places.of(PAGES, [(0, 0), (cut, 1)], boxes)
    again = Places.load(*places.dump())
    assert again == places
    for at, box in enumerate(boxes):
        (place,) = again.of_spans([(at, at + 1)])
        assert place.page == (1 if at < cut else 2)
        assert place.boxes == ((pytest.approx(box, abs=0.051),) if box else ())
