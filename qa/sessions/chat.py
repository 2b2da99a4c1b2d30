"""Answers a question within a conversation: loads its history, streams the pipeline's events, stores the turn."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, Field

from qa import messages
from qa.answering.rendering import rendered
from qa.errors import Cancelled
from qa.llm.cancellation import is_cancelled
from qa.types import (
    Answer,
    AnswerSentence,
    Citation,
    Finished,
    PassageHit,
    Retrieved,
    Rewritten,
    Said,
    Started,
    Thinking,
)
from vectorstore.text.language import language_of

if TYPE_CHECKING:
    from qa.pipeline import QA
    from qa.sessions.conversations import Conversations
    from qa.types import Event, Turn


class ChatAnswer(Answer):
    """An answer and its ids in a conversation: the JSON answer, and the data of the event ``done``."""

    event: ClassVar[str] = "done"

    conversation_id: str = Field(description="Send it with the next question to follow up.")
    message_id: str = Field(description="The stored answer's id.")
    user_message_id: str = Field(description="The stored question's id: `replaces` takes it, to ask again.")


class ChatStarted(BaseModel):
    event: ClassVar[str] = "started"

    conversation_id: str
    question: str


class ChatRewritten(BaseModel):
    event: ClassVar[str] = "rewritten"

    standalone_question: str


class ChatPassages(BaseModel):
    event: ClassVar[str] = "passages"

    passages: list[PassageHit] = Field(description="As ranked, best first.")


class ChatThinking(BaseModel):
    """Some of a language model's thoughts: shown while it works, not verified, and not kept with the answer."""

    event: ClassVar[str] = "thinking"

    text: str


class ChatSentence(AnswerSentence):
    event: ClassVar[str] = "sentence"

    sources: list[Citation] = Field(description="The citations behind its numbers.")


class ErrorDetail(BaseModel):
    code: str = Field(description="Stable, fit for a program.")
    message: str = Field(description="What, which value, and what to do; for people.")
    request_id: str = ""


class ChatError(BaseModel):
    """The shape of every error, over HTTP and in a stream."""

    event: ClassVar[str] = "error"

    error: ErrorDetail


ChatEvent = ChatStarted | ChatRewritten | ChatPassages | ChatThinking | ChatSentence | ChatAnswer | ChatError
EVENTS: dict[str, type[ChatEvent]] = {
    kind.event: kind
    for kind in (ChatStarted, ChatRewritten, ChatPassages, ChatThinking, ChatSentence, ChatAnswer, ChatError)
}


class Chat:
    """Answers questions within conversations. Thread-safe; the caller must not ask two at once in one conversation.

    Args:
        observe: wraps the pipeline's events of each question and yields them on, for metrics and traces.
    """

    def __init__(
        self, qa: QA, conversations: Conversations, observe: Callable[[Iterator[Event]], Iterator[Event]] = iter
    ) -> None:
        self.qa = qa
        self.conversations = conversations
        self.observe = observe

    def check(
        self,
        question: str,
        conversation_id: str | None = None,
        documents: Sequence[str] | None = None,
        replaces: str | None = None,
        owner: str = "",
    ) -> None:
        """Raise what ``stream`` would raise before its first event, without answering.

        Raises:
            BadQuestion, UnknownConversation, UnknownMessage, UnknownDocumentAsked
        """
        if conversation_id is not None:
            self.conversations.history(conversation_id, 0, owner, replaces)
        self.qa.stream(question, (), documents)  # checks when called, works when iterated

    def stream(
        self,
        question: str,
        conversation_id: str | None = None,
        documents: Sequence[str] | None = None,
        replaces: str | None = None,
        owner: str = "",
        shown: bool = True,
    ) -> Iterator[ChatEvent]:
        """Yield ChatStarted, ChatRewritten, ChatPassages, a ChatSentence for each verified sentence, and ChatAnswer.

        A language model's thoughts (ChatThinking) come before and between the sentences.

        The turn is stored just before ChatAnswer. A stream that is closed earlier stores the sentences that it has
        yielded, marked as stopped; nothing if there was none.

        Args:
            question: as typed.
            conversation_id: None starts a new conversation, which is listed from its second question on.
            documents: names or ids of the documents to search; None for all.
            replaces: id of an earlier question: storing the new turn deletes it and all that follows it.
            owner: id of the API key whose conversations these are.
            shown: whether the person sees each sentence as it comes; if not, a stream closed early stores nothing.

        Raises:
            BadQuestion, UnknownConversation, UnknownMessage, UnknownDocumentAsked: before the first event.
        """
        turns = self.qa.settings.history_turns
        history: Sequence[Turn] = ()
        if conversation_id is not None:
            history = self.conversations.history(conversation_id, turns, owner, replaces)
        events = self.events(question, history, documents)
        alone = conversation_id is None
        turn = _Turn(conversation_id or self.conversations.create(owner).id, replaces, owner, alone)
        return self._stream(events, turn, shown)

    def events(
        self, question: str, history: Sequence[Turn] = (), documents: Sequence[str] | None = None
    ) -> Iterator[Event]:
        """Yield the pipeline's events for a question without storing anything; see ``QA.stream``."""
        return self.observe(self.qa.stream(question, history, documents))

    def _stream(self, events: Iterator[Event], turn: _Turn, shown: bool) -> Iterator[ChatEvent]:
        try:
            for event in events:
                if is_cancelled() and not isinstance(event, Finished):  # nobody will see it
                    raise Cancelled("the client has disconnected")
                turn.note(event)
                match event:
                    case Started(question):
                        yield ChatStarted(conversation_id=turn.conversation_id, question=question)
                    case Rewritten(standalone_question):
                        yield ChatRewritten(standalone_question=standalone_question)
                    case Retrieved(passages):
                        yield ChatPassages(passages=passages)
                    case Thinking(text):
                        yield ChatThinking(text=text)
                    case Said(sentence):
                        sources = [turn.citations[number] for number in sentence.citations]
                        yield ChatSentence(**dict(sentence), sources=sources)
                    case Finished(answer):
                        yield self._stored(turn, answer)
        except (GeneratorExit, Cancelled):
            if shown and turn.sentences and not turn.finished:
                self._stored(turn, turn.stopped())
            raise
        finally:
            if isinstance(events, Generator):
                events.close()

    def _stored(self, turn: _Turn, answer: Answer) -> ChatAnswer:
        stored = self.conversations.append(turn.conversation_id, answer, turn.owner, turn.replaces, turn.alone)
        return ChatAnswer(
            **dict(answer),
            conversation_id=turn.conversation_id,
            message_id=stored.answer.id,
            user_message_id=stored.question.id,
        )


@dataclass(slots=True)
class _Turn:
    """A turn in the making: where it will be stored, and what has been sent of it."""

    conversation_id: str
    replaces: str | None
    owner: str
    alone: bool
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
            standalone_question=self.standalone,
            answer=rendered(self.sentences, language),
            abstained=False,
            sentences=self.sentences,
            citations=list(self.citations.values()),
            passages=self.passages,
            warnings=[messages.ANSWER_STOPPED(language)],
            stopped=True,
        )
