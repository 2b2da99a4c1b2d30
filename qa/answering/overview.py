"""Overviews: what documents are about, as an outline by headings with the leading sentence of each section."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from qa import messages
from qa.answering.base import Answerer, Request
from qa.answering.quoting import is_heading
from qa.ranking.base import CandidateSentence
from qa.types import DraftSentence, Evidence
from vectorstore.text.language import Language, mostly_latin
from vectorstore.types import BlockKind, DocumentInfo, StoredPassage

if TYPE_CHECKING:
    from vectorstore.corpus import Corpus

MOST_DOCUMENTS = 8
"""Documents of one overview."""
MOST_PARTS = 10
"""Sections of one document, or its parts where it has no headings; fewer where there are several documents."""
LEAST_PARTS = 2
LONGEST, LONGEST_LATIN = 120, 240
"""Characters of a leading sentence; a longer one gives way to a shorter one nearby, or ends at a clause."""
SHORTEST = 8
PART = 3
"""Sentences of a part, at least, in a document without headings."""
NEARBY = 4
"""Sentences of a section among which its leading one is looked for."""
_BEGINNING = 40
"""Characters, without white space, by which a sentence is known again, even if it was cut short."""
RUN_IN, RUN_IN_LATIN = 14, 36
"""Characters of a heading that opens a paragraph ("（一）消防安全。"), with its mark."""
_MARK = re.compile(r"[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2}|[a-zA-Z])(?:[)）.．、]|(?<=\))) *")
_ANNOUNCES = re.compile(r"如下[。：]$|\b(?:as follows|below)[.:]$")
_CLAUSE = "；;，,、"
_STOPS = ("。", "！", "？", ".", "!", "?", "…", "”")


@dataclass(frozen=True, slots=True)
class _Section:
    name: str
    sentences: tuple[CandidateSentence, ...]


class OverviewAnswerer(Answerer):
    """Sums up the documents that a question names, or those in scope, or all of them: in their own words."""

    name = "extractive"
    verbatim = True

    def __init__(self, library: Corpus) -> None:
        self.library = library

    def compose(self, request: Request) -> Iterator[DraftSentence]:
        """Yield the leading sentences, each under its section and under the title of its document.

        Its date stays out: no passage that is cited need hold it.

        Where more is asked for, sentences that were said before give way to those behind them.
        """
        query = request.query
        said = _squashed(query.continues.said if query.continues else ())
        documents = self.library.directory.infos(query.overview_of)[:MOST_DOCUMENTS]
        most = max(LEAST_PARTS, MOST_PARTS // max(1, len(documents)))
        for info in documents:
            for section, lead in _leads(self.library.passages_of(info.id), most, said):
                evidence = (Evidence.of(lead.stored, lead.sentence),)
                yield DraftSentence(lead.sentence.text, evidence, document=info.title or info.name, section=section)


def heading(info: DocumentInfo, language: Language) -> str:
    """Return a document's title with its date, where it has one."""
    title = info.title or info.name
    return messages.DATED(language, title=title, date=info.date[:10]) if info.date else title


def _leads(passages: Sequence[StoredPassage], most: int, said: str) -> list[tuple[str, CandidateSentence]]:
    """Return the leading sentence of each section with the section's name, in order; at most ``most``.

    What was not said yet comes first where not all can be shown.
    """
    found = []
    sections = _sections(passages, most)
    worded = [section for section in sections if section.name or _has_sentence(section)]
    for section in worded or sections:
        told = [one for one in section.sentences if not is_heading(one)]
        if not told:
            continue
        new = [one for one in told if _squashed((one.sentence.text,))[:_BEGINNING] not in said]
        if new:
            found.append((section.name, _lead(new[:NEARBY]), len(new) == len(told)))
    untouched = [(name, lead) for name, lead, fresh in found if fresh]
    chosen = untouched if said and untouched else [(name, lead) for name, lead, _ in found]
    return _spread(chosen, most)


def _sections(passages: Sequence[StoredPassage], most: int) -> list[_Section]:
    """Return the sections, by headings of the deepest level that has not too many; or parts of like length."""
    passages = [stored for stored in passages if stored.passage.kind is BlockKind.PARAGRAPH] or list(passages)
    depth = max((len(_path(stored)) for stored in passages), default=0)
    while depth > 1 and len(_grouped(passages, depth)) > most:
        depth -= 1
    if depth:
        return _grouped(passages, depth)
    sentences = _sentences(passages)
    parts = min(most, -(-len(sentences) // PART))
    starts = [at * len(sentences) // parts for at in range(parts)]
    return [_Section("", sentences[start:end]) for start, end in pairwise([*starts, len(sentences)])]


def _grouped(passages: Sequence[StoredPassage], depth: int) -> list[_Section]:
    groups: dict[tuple[str, ...], list[StoredPassage]] = {}
    for stored in passages:
        groups.setdefault(_path(stored)[:depth], []).append(stored)
    return [_Section(path[-1] if path else "", _sentences(group)) for path, group in groups.items()]


def _path(stored: StoredPassage) -> tuple[str, ...]:
    return tuple(stored.passage.section.split(" / ")) if stored.passage.section else ()


def _sentences(passages: Sequence[StoredPassage]) -> tuple[CandidateSentence, ...]:
    return tuple(CandidateSentence(p, index) for p in passages for index in range(len(p.passage.sentences)))


def _lead(sentences: Sequence[CandidateSentence]) -> CandidateSentence:
    """Return the first of ``sentences`` that is a whole one of a fit length, or how the first one begins."""
    latin = mostly_latin(sentences[0].sentence.text)
    longest = LONGEST_LATIN if latin else LONGEST
    whole = [s for s in sentences if s.sentence.text.endswith(_STOPS) and _says_something(s.sentence.text)]
    fit = [s for s in whole if SHORTEST <= len(s.sentence.text) <= longest]
    first = next((s for s in (*fit, *whole, *sentences) if _begins(s)), sentences[0])
    text = first.sentence.text
    if len(text) <= longest:
        return first
    cut = max(text.rfind(mark, 0, longest) for mark in (_CLAUSE + " " if latin else _CLAUSE))
    return CandidateSentence(first.stored, first.index, cut + 1 if cut > SHORTEST else longest)


def _has_sentence(section: _Section) -> bool:
    """Whether a part says something: the names below a text don't."""
    return any(unit.sentence.text.endswith(_STOPS) for unit in section.sentences)


def _begins(unit: CandidateSentence) -> bool:
    """Whether a sentence begins where the one before it ended: no clause of an enumeration does."""
    return unit.index == 0 or not unit.stored.passage.sentences[unit.index - 1].text.endswith(tuple(_CLAUSE))


def _says_something(text: str) -> bool:
    """Whether a sentence is neither the heading that its paragraph opens with nor announces what follows."""
    is_short = len(text) <= (RUN_IN_LATIN if mostly_latin(text) else RUN_IN)
    return not (_MARK.match(text) and is_short) and not _ANNOUNCES.search(text)


def _spread(items: Sequence[tuple[str, CandidateSentence]], most: int) -> list[tuple[str, CandidateSentence]]:
    """Return at most ``most`` of ``items``, evenly spread, the first one among them."""
    if len(items) <= most:
        return list(items)
    return [items[at * len(items) // most] for at in range(most)]


def _squashed(texts: Sequence[str]) -> str:
    return "".join("".join(texts).split())
