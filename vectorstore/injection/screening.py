"""Takes marked sentences out of passages: what is left is what a question sees, and still cuts out of the raw text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from vectorstore.injection.classifier import LIKELY, InjectionClassifier, shipped
from vectorstore.text.quotes import QUOTES
from vectorstore.text.sentences import bounds
from vectorstore.text.spans import merge
from vectorstore.types import Passage, Sentence, Spans, StoredPassage

_ANNOUNCES = tuple(":：,，、;；—-")
"""What a sentence ends with that goes on in the next one."""
_SECTIONS, _LINES = " / ", "\n"
"""What stands between the headings of a section's path, and between the lines of a title."""


@dataclass(frozen=True, slots=True)
class Screened:
    """A passage as questions see it, and what was taken out."""

    stored: StoredPassage
    """Without its orders to whoever answers; with no sentence where it is nothing else."""
    kept: tuple[int, ...]
    """Which of its sentences are left."""
    orders: Spans
    """What was taken out, as spans of the raw text."""


Likely = Mapping[str, bool]
"""Text -> whether it is taken for an order to whoever answers."""


def screened(passages: Sequence[StoredPassage], classifier: InjectionClassifier) -> list[Screened]:
    """Return passages without the sentences that give orders to whoever answers, and what they go on with."""
    texts: list[str] = []
    for stored in passages:
        texts += [sentence.text for sentence in stored.passage.sentences]
        texts += _parts(stored.passage.section, _SECTIONS) + _parts(stored.title, _LINES)
    likely = _likely(texts, classifier)
    return [_screened(stored, likely) for stored in passages]


def _screened(stored: StoredPassage, likely: Likely) -> Screened:
    passage = stored.passage
    marked = _orders([sentence.text for sentence in passage.sentences], likely)
    section = _without_orders(passage.section, _SECTIONS, likely)
    title = _without_orders(stored.title, _LINES, likely)
    if any(marked):
        kept = tuple(at for at, is_order in enumerate(marked) if not is_order)
        spans = merge(span for at, is_order in enumerate(marked) if is_order for span in passage.sentences[at].spans)
        passage = _without(passage, marked)
    else:
        kept, spans = tuple(range(len(marked))), ()
    if section != passage.section:
        passage = replace(passage, section=section)
    if passage is not stored.passage or title != stored.title:
        stored = replace(stored, passage=passage, title=title)
    return Screened(stored, kept, spans)


def _likely(texts: Iterable[str], classifier: InjectionClassifier) -> Likely:
    distinct = list(dict.fromkeys(texts))
    return dict(zip(distinct, (classifier.probabilities(distinct) >= LIKELY).tolist(), strict=True))


def _orders(texts: Sequence[str], likely: Likely) -> list[bool]:
    """Return which sentences of a passage give orders to whoever answers, or are what such an order dictates."""
    marked = [likely[text] for text in texts]
    if not any(marked):
        return marked
    open_quote = ""
    for at, text in enumerate(texts):
        before = at > 0 and marked[at - 1]
        if before and (open_quote or texts[at - 1].rstrip().endswith(_ANNOUNCES)):
            marked[at] = True
        open_quote = _open_quote(text, open_quote) if marked[at] else ""
    return marked


def orders_of(passages: Iterable[Passage]) -> list[str]:
    """Return the sentences of new passages that ``screened`` would take out."""
    by_passage = [[sentence.text for sentence in passage.sentences] for passage in passages]
    likely = _likely((text for texts in by_passage for text in texts), shipped())
    return [
        text for texts in by_passage for text, is_order in zip(texts, _orders(texts, likely), strict=True) if is_order
    ]


def _open_quote(text: str, already: str) -> str:
    """Return the mark that closes the quotation, tag or comment which ``text`` leaves open; empty when it leaves none.

    Args:
        already: what closes the one that was open before it.
    """
    if already:
        return "" if already in text else already
    for opener, closer in (*QUOTES.items(), ("<!--", "-->"), ("<system>", "</system>")):
        if text.count(opener) > text.count(closer) and opener != closer:
            return closer
    return ""


def _parts(heading: str, separator: str) -> list[str]:
    return [part for part in heading.split(separator) if part]


def _without_orders(heading: str, separator: str, likely: Likely) -> str:
    """Return a title, or a path of headings, without those that give orders."""
    return (
        separator.join(part for part in parts if not likely[part]) if (parts := _parts(heading, separator)) else heading
    )


def _without(passage: Passage, marked: Sequence[bool]) -> Passage:
    """Return ``passage`` without its marked sentences; what they share with others, such as a table's head, stays."""
    pairs = list(zip(passage.sentences, marked, strict=True))
    kept = tuple(sentence for sentence, is_order in pairs if not is_order)
    out = _offsets(sentence for sentence, is_order in pairs if is_order) - _offsets(kept)
    raw = [offset for start, end in passage.spans for offset in range(start, end)]
    left = [(offset, char) for offset, char in zip(raw, passage.text, strict=True) if offset not in out]
    while left and left[0][1].isspace():
        left.pop(0)
    while left and left[-1][1].isspace():
        left.pop()
    spans = merge((offset, offset + 1) for offset, _ in left)
    return replace(passage, text="".join(char for _, char in left), spans=spans, sentences=kept)


def _offsets(sentences: Iterable[Sentence]) -> set[int]:
    return {offset for sentence in sentences for start, end in sentence.spans for offset in range(start, end)}


@lru_cache(maxsize=2048)
def without_orders(text: str) -> str:
    """Return ``text`` of a document without the sentences that give orders to whoever answers."""
    ends = bounds(text)
    sentences = [text[start:end] for start, end in ends]
    marked = _orders(sentences, _likely(sentences, shipped()))
    if not any(marked):
        return text
    kept, at = [], 0
    for (_, end), is_order in zip(ends, marked, strict=True):
        if not is_order:
            kept.append(text[at:end])
        at = end
    return "".join(kept)
