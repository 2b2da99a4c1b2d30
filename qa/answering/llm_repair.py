"""Repair: a model is told which of its sentences failed and why, and what it makes of them takes their places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa import messages as texts
from qa.answering.attribution import Attributed
from qa.llm.base import Message
from qa.verify import squash
from vectorstore.text.language import Language

REPAIR = "repair"


def failed(sentences: Sequence[Attributed]) -> list[Attributed]:
    """Return the sentences that verification refused."""
    return [sentence for sentence in sentences if sentence.reason]


def repair_messages(prompt: str, written: Sequence[Attributed], language: Language) -> list[Message]:
    """Return what is sent behind the messages of the first round: what the model wrote, and what of it failed.

    Args:
        prompt: with ``{failed}`` where the failed sentences are to stand.
    """
    lines = [
        texts.FAILED_SENTENCE(language, sentence=_as_written(one), reason=texts.failure(one.reason or "")(language))
        for one in failed(written)
    ]
    return [
        Message("assistant", "\n".join(map(_as_written, written))),
        Message("user", prompt.replace("{failed}", "\n".join(lines))),
    ]


def is_new(sentence: Attributed, written: Sequence[Attributed]) -> bool:
    """Whether a sentence of the repair is neither said already nor tried as it is."""
    said = {squash(one.draft.text) for one in written if not one.reason}
    tried = {(one.draft.text, one.labels) for one in written}
    text = sentence.draft.text
    return not sentence.leads_in and squash(text) not in said and (text, sentence.labels) not in tried


def in_place(waiting: Sequence[Attributed], repaired: Sequence[Attributed]) -> Iterator[Attributed]:
    """Yield ``waiting``, each failed sentence followed by what was made of it; that takes its place in a list.

    A repaired sentence replaces the failed one that it is most like, of equal ones the first. One that failed again
    comes last: it is only counted.
    """
    targets = failed(waiting)
    instead: dict[int, list[Attributed]] = defaultdict(list)
    for sentence in repaired:
        if not sentence.reason:
            likeness = [(_likeness(sentence, one), not instead[id(one)]) for one in targets]
            instead[id(targets[likeness.index(max(likeness))])].append(sentence)
    for one in waiting:
        replacing = instead.get(id(one), []) if one.reason else []
        place = one.draft.place
        yield _placed(one, item="") if replacing else one
        for number, sentence in enumerate(replacing):
            yield _placed(sentence, block=place.block, item="" if number else place.item)
    yield from (_placed(sentence, block=waiting[-1].draft.place.block) for sentence in failed(repaired))


def _placed(sentence: Attributed, **changes: str | int) -> Attributed:
    place = replace(sentence.draft.place, **changes)  # type: ignore[arg-type]
    return replace(sentence, draft=replace(sentence.draft, place=place))


def _likeness(one: Attributed, other: Attributed) -> float:
    """Return how many of the pairs of characters of two sentences are common to both, from 0 to 1."""
    mine, its = (_pairs(squash(sentence.draft.text)) for sentence in (one, other))
    return len(mine & its) / max(1, len(mine | its))


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _as_written(sentence: Attributed) -> str:
    return sentence.draft.text + "".join(f"[{label}]" for label in sentence.labels)
