"""Harmless changes: the same answers in another form, and real runs that should give the same answers."""

from __future__ import annotations

import json
from collections.abc import Callable

from ..metrics.text import MARK
from ..runs import run as runs
from ..runs.run_file import Item, Run
from .sandbox import Change, Sandbox

_WIDE = {code: code + 0xFEE0 for code in (*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B))}


def _texts(sandbox: Sandbox, rewrite: Callable[[str], str]) -> Run:
    """Rewrite the sentences and the answer between its marks."""

    def change(item: Item) -> Item:
        for sentence in item.sentences:
            sentence.text = rewrite(sentence.text)
        pieces = [rewrite(piece) for piece in MARK.split(item.answer)]
        marks = [*MARK.findall(item.answer), ""]
        item.answer = "".join(piece + mark for piece, mark in zip(pieces, marks, strict=True))
        return item

    return sandbox.each(change)


def _items(change: Callable[[Item], Item | None]) -> Change:
    def run(sandbox: Sandbox) -> Run:
        return sandbox.each(lambda item: change(item) or item)

    return run


def _renumbered(item: Item) -> None:
    """Number citations from the last to the first, everywhere."""
    count = len(item.citations)
    for citation in item.citations:
        citation.number = count + 1 - citation.number
    for sentence in item.sentences:
        sentence.citations = [count + 1 - number for number in sentence.citations]
    item.answer = MARK.sub(lambda found: f"[{count + 1 - int(found.group()[1:-1])}]", item.answer)


def _round_brackets(item: Item) -> None:
    item.answer = MARK.sub(lambda found: f"【{found.group()[1:-1]}】", item.answer)


def _split_spans(item: Item) -> None:
    for citation in item.citations:
        halves = [((s, (s + e) // 2), ((s + e) // 2, e)) for s, e in citation.spans]
        citation.spans = [span for pair in halves for span in pair if span[0] < span[1]]


def _slower(item: Item) -> None:
    item.latency_ms = {name: 10 * value + 5 for name, value in item.latency_ms.items()}


def _rescaled(item: Item) -> None:
    for passage in item.passages:
        passage.score = 100 * passage.score + 1


def _more_passages(item: Item) -> None:
    item.passages = item.passages + item.passages[-1:]


def _other_silence(item: Item) -> None:
    if item.abstained:
        item.answer = "抱歉，报告里查不到。"


def _reordered(item: Item) -> None:
    item.citations = item.citations[::-1]


def _extra_fields(item: Item) -> Item:
    return Item.model_validate(item.model_dump() | {"trace_id": "7f", "tokens": {"in": 1, "out": 2}})


def _warned(item: Item) -> None:
    item.warnings, item.answerer, item.dropped = ["slow"], "extractive (new)", item.dropped + 1


def _relabelled(item: Item) -> None:
    for citation in item.citations:
        citation.section = citation.section.replace(" / ", " › ")
        citation.context = []


def _rewritten(sandbox: Sandbox) -> Run:
    """Write the run to JSON with the keys in another order, and read it again."""
    text = json.dumps(sandbox.run.model_dump(mode="json"), sort_keys=True)
    return Run.model_validate_json(text)


def _backwards(sandbox: Sandbox) -> Run:
    return sandbox.scored(sandbox.run.items[::-1])


def _other_circumstances(sandbox: Sandbox) -> Run:
    update = {"git": "0" * 12, "started": "2030-01-01T00:00:00+00:00", "prompts": {"answer": "0"}, "index": "0"}
    return sandbox.run.model_copy(update={"run": sandbox.run.run.model_copy(update=update)})


def _asked_again(sandbox: Sandbox) -> Run:
    return sandbox.ask(sandbox.pipeline())


def _asked_backwards(sandbox: Sandbox) -> Run:
    """Ask in the opposite order, which shows state that one question leaves behind for the next."""
    pipeline = sandbox.pipeline()
    backwards = [
        runs.ask_one(pipeline, q, sandbox.corpus.texts) for q in sandbox.questions.questions[::-1] if sandbox.sample(q)
    ]
    again = {item.id: item for item in backwards}
    return sandbox.scored([again.get(item.id, item) for item in sandbox.run.items])


def _indexed_backwards(sandbox: Sandbox) -> Run:
    with sandbox.rebuilt(sandbox.documents[::-1]) as corpus:
        return sandbox.ask(sandbox.pipeline(corpus.library))


def _more_returned(sandbox: Sandbox) -> Run:
    return sandbox.ask(sandbox.pipeline(settings=sandbox.settings.model_copy(update={"retrieve_k": 15})))


CHANGES: tuple[tuple[str, str, Change], ...] = (
    ("identical", "the same run", lambda sandbox: sandbox.run),
    ("asked again", "the pipeline is asked once more", _asked_again),
    ("another order of questions", "the pipeline is asked backwards", _asked_backwards),
    ("another order of documents", "documents are indexed backwards", _indexed_backwards),
    ("more passages returned", "15 passages instead of 10 come with an answer", _more_returned),
    ("written and read", "the run file has its keys in another order", _rewritten),
    ("items backwards", "the run file has its items in another order", _backwards),
    ("other circumstances", "another commit, time, prompt and index are named", _other_circumstances),
    ("slower", "every step takes ten times as long", _items(_slower)),
    ("renumbered", "citations are numbered backwards", _items(_renumbered)),
    ("citations reordered", "citations are listed backwards", _items(_reordered)),
    ("other marks", "marks are 【1】 instead of [1]", _items(_round_brackets)),
    ("spans split", "every span is given in two pieces", _items(_split_spans)),
    ("scores rescaled", "passages' scores are on another scale", _items(_rescaled)),
    ("a passage more", "the last passage is listed twice", _items(_more_passages)),
    ("another word for no", "abstentions are worded differently", _items(_other_silence)),
    ("more fields", "items have unknown fields", _items(_extra_fields)),
    ("warnings", "items warn, and name another answerer", _items(_warned)),
    ("sections relabelled", "sections are joined by another sign, contexts left out", _items(_relabelled)),
    (
        "full-width",
        "letters and digits are full-width",
        lambda sandbox: _texts(sandbox, lambda text: text.translate(_WIDE)),
    ),
    (
        "line breaks",
        "every answer has a line break before each sentence",
        lambda b: _texts(b, lambda text: "\n" + text),
    ),
    ("capitals", "letters are upper case", lambda sandbox: _texts(sandbox, str.upper)),
)
