"""An answer as far as it has been said, and what is kept of it when nobody waits for the rest."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field

from qa import messages
from qa.answering.rendering import rendered
from qa.errors import Cancelled
from qa.llm.cancellation import is_cancelled
from qa.types import (
    Answer,
    AnswerSentence,
    Citation,
    Event,
    Finished,
    PassageHit,
    Retrieved,
    Rewritten,
    Said,
    Started,
)
from vectorstore.text.language import language_of


@dataclass(slots=True, kw_only=True)
class PartialAnswer:
    """What the pipeline has handed over of an answer."""

    question: str = ""
    standalone: str = ""
    passages: list[PassageHit] = field(default_factory=list)
    sentences: list[AnswerSentence] = field(default_factory=list)
    citations: dict[int, Citation] = field(default_factory=dict)
    finished: bool = False

    def note(self, event: Event) -> None:
        """Take in an event before it is sent."""
        match event:
            case Started(question):
                self.question = question
            case Rewritten(standalone_question):
                self.standalone = standalone_question
            case Retrieved(passages):
                self.passages = passages
            case Said(sentence, new):
                self.sentences.append(sentence)
                self.citations.update((citation.number, citation) for citation in new)
            case Finished():
                self.finished = True

    def stopped(self) -> Answer:
        """Return the answer as far as it was sent."""
        language = language_of(self.question)
        return Answer(
            question=self.question,
            standalone_question=self.standalone or self.question,
            answer=rendered(self.sentences, language),
            abstained=False,
            sentences=self.sentences,
            citations=list(self.citations.values()),
            passages=self.passages,
            warnings=[messages.ANSWER_STOPPED(language)],
            stopped=True,
        )


def kept(events: Iterator[Event], keep: Callable[[Answer], None], shown: bool) -> Iterator[Event]:
    """Yield ``events``; hand their answer to ``keep`` just before it is yielded, or as far as it came by a stop.

    Args:
        shown: whether the client sees each sentence as it comes; if not, nothing is kept of a stopped one.
    """
    partial = PartialAnswer()
    try:
        for event in events:
            if is_cancelled() and not isinstance(event, Finished):  # nobody will see it
                raise Cancelled("the client has disconnected")
            partial.note(event)
            if isinstance(event, Finished):
                keep(event.answer)
            yield event
    except (GeneratorExit, Cancelled):
        if shown and partial.question and not partial.finished:
            keep(partial.stopped())
        raise
    finally:
        if isinstance(events, Generator):
            events.close()
