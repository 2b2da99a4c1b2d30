"""The time that a document is of: its title need not say it, and its passages seldom do.

The reader sees a passage below its title. Asked for "2018年第一季度的营业收入", or for the revenue "in the first half
of 2023", it finds neither time in a table below "报告期", or in "Revenue rose to £12 million", and refuses. So it is
given the time that is asked of beside the title, where the document's first lines say that it is of that time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qa.text.periods import asked_periods, written_periods
from vectorstore.text.words import normalise
from vectorstore.text.years import YEAR, years
from vectorstore.types import StoredPassage

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus

_DATED = re.compile(
    rf"(?<!\d){YEAR}年?(?:年?度|第?[一二三四1-4]季度|[上下]半年|半年度|前三季度)?(?:财务|工作)?(?:报告|年报|季报|公报|总结)?"
)
"""A year with what a report of it is called."""
_SHORT = re.compile(r"(?<!\d)[0-4]\d年")
_NO_SPACE = re.compile(r"\s+")
_LATER = 3
"""Years after the one that is asked of: where the first lines have one of those, the document is of that."""


def unsaid(question: str, stored: StoredPassage, library: Corpus) -> list[str]:
    """Return the times in ``question`` that a passage's document is of, though the passage and its title don't say so.

    Args:
        question: in normal form.
    """
    asked = asked_periods(question)
    if not asked and not years(question):
        return []
    near, head, found = _near(stored), _head(stored, library), []
    if not years(stored.title):
        for dated in dict.fromkeys(match[0] for match in _DATED.finditer(question)):
            if len(dated) > len("2018年") and dated in _NO_SPACE.sub("", head):
                found.append(dated)
            elif (year := dated[:4]) not in years(near) and _last_in(head, int(year)):
                found.append(year)
    if asked.keys() - written_periods(f"{near} {' '.join(found)}"):
        found += [words for label, words in asked.items() if label in written_periods(head)]
    return found


def in_full(question: str, stored: StoredPassage) -> str:
    """Return ``question`` with its years in two digits as the passage has them: "22年" is 2022年, if that is there."""
    near = f"{stored.title}\n{stored.passage.section}\n{stored.passage.text}"

    def written(match: re.Match[str]) -> str:
        year = f"20{match[0]}"
        return year if year in near and not re.search(rf"(?<!\d){match[0]}", near) else match[0]

    return _SHORT.sub(written, question)


def is_elsewhen(question: str, stored: StoredPassage, library: Corpus) -> bool:
    """Whether ``question`` (normalised) asks of a part of a year, and the passage and its document's head of others."""
    asked = asked_periods(question).keys()
    return bool(asked) and not asked & written_periods(f"{_near(stored)}\n{_head(stored, library)}")


def _last_in(head: str, year: int) -> bool:
    """Whether ``head`` has ``year``, and none of the years after it."""
    said = {int(one) for one in years(head)}
    return year in said and said.isdisjoint(range(year + 1, year + 1 + _LATER))


def _near(stored: StoredPassage) -> str:
    """Return a passage below its title and headings, in normal form."""
    return normalise(f"{stored.title}\n{stored.passage.section}\n{stored.passage.text}")


def _head(stored: StoredPassage, library: Corpus) -> str:
    """Return the first passage of a passage's document, in normal form."""
    return normalise(next(iter(library.passages_of(stored.document_id, 1)), stored).passage.text)
