"""Rules for a single question of a set. Each yields what is wrong with it, as sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from vectorstore.places import Places
from vectorstore.text.sentences import TERMINALS

from ..metrics.answers import ANSWER_LIMITS, SMALL_TALK
from ..metrics.text import comparable
from .questions import Question, Quote

UNANSWERABLE = "unanswerable"
EITHER = frozenset((SMALL_TALK, "paraphrase_near_miss"))
"""Types whose questions may be answerable or not."""
TYPES = frozenset(
    {*ANSWER_LIMITS, *EITHER, UNANSWERABLE}
    | {f"{UNANSWERABLE}_{kind}" for kind in ("near_miss", "false_premise", "off_topic", "injection")}
    | {"who_said", "table", "superlative", "yes_no", "faq", "definition", "two_questions", "cross_language"}
)
"""The types of question that the format of question sets knows."""
MAX_QUESTION = 2000
"""Characters of the longest question that the service takes."""

_SENTENCE_END = re.compile(rf"[{TERMINALS}\n]")
WORDLESS = re.compile(r"[\W_]+")
"""What holds no word: white space, punctuation, symbols."""


class Texts:
    """The documents by name, as they are and as they are compared."""

    def __init__(self, raw: Mapping[str, str], pages: Mapping[str, Places]) -> None:
        self.raw = raw
        self.pages = pages
        self._comparable = {name: comparable(text) for name, text in raw.items()}

    def holds(self, words: str, names: Sequence[str]) -> bool:
        """Return whether one of the named documents, or any when none is named, has ``words`` as texts are compared."""
        return any(comparable(words) in self._comparable.get(name, "") for name in names or self.raw)

    def places(self, document: str, quote: str) -> list[tuple[int, int]]:
        """Return every ``[start, end)`` at which ``quote`` occurs verbatim."""
        return [(m.start(), m.end()) for m in re.finditer(re.escape(quote), self.raw.get(document, ""))]

    def sentence_around(self, document: str, start: int, end: int) -> str:
        """Return the quoted characters with what goes on to both sides up to an end of sentence or of line."""
        text = self.raw[document]
        before = max((m.end() for m in _SENTENCE_END.finditer(text, 0, start)), default=0)
        after = _SENTENCE_END.search(text, end)
        return text[before : after.start() if after else len(text)]


def _type(q: Question, _: Texts) -> Iterator[str]:
    if q.type not in TYPES:
        yield f"{q.type!r} is not one of {', '.join(sorted(TYPES))}"
    elif q.type not in EITHER and q.type.startswith(UNANSWERABLE) == q.answerable:
        yield f"answerable is {str(q.answerable).lower()}, which does not go with {q.type}"


def _question(q: Question, _: Texts) -> Iterator[str]:
    if not WORDLESS.sub("", q.question):
        yield "it has no words"
    if q.question != q.question.strip():
        yield "it has white space around it"
    if len(q.question) > MAX_QUESTION:
        yield f"it has {len(q.question)} characters; the service takes {MAX_QUESTION}"


def _history(q: Question, _: Texts) -> Iterator[str]:
    if q.type == "follow_up" and not q.history:
        yield "a follow-up needs the turns before it"
    wanted = ["user", "assistant"] * (len(q.history) // 2 + 1)
    roles = [turn.role for turn in q.history]
    if len(roles) % 2 or roles != wanted[: len(roles)]:
        yield f"turns should alternate, from user to assistant; they are {', '.join(roles)}"
    yield from (f"turn {n} is empty" for n, turn in enumerate(q.history, start=1) if not turn.content.strip())


def _evidence(q: Question, texts: Texts) -> Iterator[str]:
    for item in q.evidence:
        if item.document not in texts.raw:
            yield f"there is no document {item.document!r}; there are {', '.join(sorted(texts.raw))}"
        elif not texts.places(item.document, item.quote):
            alike = texts.holds(item.quote, [item.document])
            hint = ": it differs in white space, width or case, or spans a break: give each half its own quote"
            yield f"not verbatim in {item.document}{hint if alike else ''}: {item.quote!r}"
        else:
            yield from _page(item, texts)
    repeated = [quote for quote, n in Counter((e.document, e.quote) for e in q.evidence).items() if n > 1]
    yield from (f"given twice: {quote!r}" for _, quote in repeated)
    if q.type == "layout_break" and len(q.evidence) < 2:
        yield "a sentence that the layout broke needs one quote for each half"


def _page(item: Quote, texts: Texts) -> Iterator[str]:
    if item.page is None:
        if item.boxes:
            yield f"boxes need the page that they are on: {item.quote!r}"
        return
    pages = texts.pages.get(item.document)
    if pages is None:
        yield f"page {item.page} is given, and {item.document} has no pages"
    elif item.page > len(pages.pages):
        yield f"page {item.page} is given, and {item.document} has {len(pages.pages)}"
    else:
        stands = {place.page for span in texts.places(item.document, item.quote) for place in pages.of_spans([span])}
        if item.page not in stands:
            on = ", ".join(map(str, sorted(stands))) or "none"
            yield f"page {item.page} is given, and its page is {on}: {item.quote!r}"


def _expectation(q: Question, _: Texts) -> Iterator[str]:
    if q.answerable and q.type != SMALL_TALK and not q.must_contain and not q.evidence:
        yield "an answerable question needs must_contain or evidence"
    if q.answerable and q.ok_if_contains:
        yield "ok_if_contains is for unanswerable questions; an answerable one has must_contain"
    if not q.answerable and (q.must_contain or q.evidence):
        yield "an unanswerable question has neither must_contain nor evidence; a corrected premise is ok_if_contains"
    groups = _groups(q)
    if any(not group for group in groups):
        yield "a group without alternatives can't be hit"
    if any(not comparable(words) for words in (*(a for group in groups for a in group), *q.must_not_contain)):
        yield "an empty alternative is hit by every answer"


def _findable(q: Question, texts: Texts) -> Iterator[str]:
    cited = [e.document for e in q.evidence]
    for words in (alternative for group in _groups(q) for alternative in group):
        if not texts.holds(words, cited) and not ("derived" in q.note and words in q.note):
            place = ", ".join(sorted(set(cited))) or "any document"
            yield f"{words!r} is not in {place}; correct it, or name it in the note after `derived:`"


def _reference(q: Question, _: Texts) -> Iterator[str]:
    groups = _groups(q)
    answer = comparable(q.answer)
    if groups and not answer:
        yield "there is no reference answer"
        return
    for group in groups:
        if not any(comparable(words) in answer for words in group):
            yield f"the reference answer hits none of {' | '.join(group)}"
    yield from (f"the reference answer has {w!r}, which is forbidden" for w in _hits(q.must_not_contain, answer))


def _forbidden(q: Question, texts: Texts) -> Iterator[str]:
    """An answer that quotes the evidence, or the whole sentence that it stands in, must never be wrong."""
    for item in q.evidence:
        for start, end in texts.places(item.document, item.quote):
            sentence = comparable(texts.sentence_around(item.document, start, end))
            for words in _hits(q.must_not_contain, sentence):
                yield f"{words!r} is forbidden and stands in the sentence of the evidence {item.quote!r}"
    for group in _groups(q):
        for words in group:
            yield from (
                f"{w!r} is forbidden and part of {words!r}" for w in _hits(q.must_not_contain, comparable(words))
            )


def _groups(q: Question) -> tuple[tuple[str, ...], ...]:
    return (*(q.must_contain or ()), *q.ok_if_contains)


def _hits(forbidden: Sequence[str], text: str) -> list[str]:
    return [words for words in forbidden if comparable(words) and comparable(words) in text]


QUESTION_RULES: Mapping[str, Callable[[Question, Texts], Iterator[str]]] = {
    "type": _type,
    "question": _question,
    "history": _history,
    "evidence": _evidence,
    "expectation": _expectation,
    "findable": _findable,
    "reference": _reference,
    "forbidden": _forbidden,
}
