"""Responses about the pages of documents."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from qa.api.examples import PAGE, PLACES
from qa.types import CitedPlace
from vectorstore.places import Page, PageLine


class PageSummary(BaseModel):
    """A page, slide or sheet of a document."""

    page: int = Field(description="Counted from 1.")
    label: str = Field(description="What is printed on it, or the sheet's name.")
    width: float = Field(description="In points, as it is shown; 0 where it has no size.")
    height: float
    kind: Literal["page", "slide", "sheet"]

    @classmethod
    def of(cls, number: int, page: Page) -> PageSummary:
        return cls(page=number, label=page.label, width=page.width, height=page.height, kind=page.kind)


class LineView(BaseModel):
    """Characters of the raw text that stand side by side on a page."""

    text: str
    start: int = Field(description="Offset of its first character in the raw text.")
    box: tuple[float, float, float, float] = Field(
        description="Left, top, right, bottom in points, from the top left corner of the page as it is shown."
    )

    @classmethod
    def of(cls, line: PageLine, text: str) -> LineView:
        left, top, right, bottom = (round(side, 2) for side in line.box)
        return cls(text=text[line.start : line.end], start=line.start, box=(left, top, right, bottom))


class PageView(PageSummary):
    """A page with the text that stands on it."""

    model_config = ConfigDict(json_schema_extra={"examples": [PAGE]})

    lines: list[LineView] = Field(description="In reading order; none where characters have no place on the page.")


class PlacesView(BaseModel):
    """Where some characters of a document stand."""

    model_config = ConfigDict(json_schema_extra={"examples": [PLACES]})

    places: list[CitedPlace] = Field(description="One for each page; none where the document has no pages.")
