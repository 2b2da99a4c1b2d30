"""Answers a question within a conversation: loads its history, streams the pipeline's events, stores the turn."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, Field

from qa.errors import Cancelled, UnknownMessage
from qa.llm.cancellation import is_cancelled
from qa.sessions.partial import PartialAnswer
from qa.sessions.retries import TurnIds, earlier_turn
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
from vectorstore.errors import KeyReused, LibraryError

if TYPE_CHECKING:
    from qa.pipeline import QA
    from qa.sessions.conversations import Conversation, Conversations, StoredTurn
    from qa.types import Event, Turn
    from vectorstore.corpus import Scope


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
        collections: Sequence[str] | None = None,
        ids: TurnIds | None = None,
    ) -> None:
        """Raise what ``stream`` would raise before its first event, without answering.

        Raises:
            BadQuestion, UnknownConversation, UnknownMessage, UnknownDocumentAsked, UnknownCollection, KeyReused
        """
        if ids is not None and earlier_turn(self.conversations.database, ids, owner):
            return
        if conversation_id is not None:
            self.conversations.history(conversation_id, 0, owner, replaces)
        qa = self._about(conversation_id, owner, collections)
        qa.stream(question, (), documents)  # checks when called, works when iterated

    def stream(
        self,
        question: str,
        conversation_id: str | None = None,
        documents: Sequence[str] | None = None,
        replaces: str | None = None,
        owner: str = "",
        collections: Sequence[str] | None = None,
        ids: TurnIds | None = None,
        shown: bool = True,
    ) -> Iterator[ChatEvent]:
        """Yield ChatStarted, ChatRewritten, ChatPassages, a ChatSentence for each verified sentence, and ChatAnswer.

        A language model's thoughts (ChatThinking) come before and between the sentences.

        The turn is stored just before ChatAnswer. A stream that is closed earlier stores the question with the
        sentences that it has yielded, if any, marked as stopped: a follow-up has its context. One that replaces another
        is stored only with a sentence.

        A question of which the turn of ``ids`` is stored gets the same answer again, and nothing is stored. Where it
        was stopped, and nothing has followed it, it is asked again in its own place.

        Args:
            question: as typed.
            conversation_id: None starts a new conversation, which is listed from its second question on.
            documents: names or ids of the documents to search; None for all.
            replaces: id of an earlier question: storing the new turn deletes it and all that follows it.
            owner: id of the API key whose conversations these are.
            collections: names or ids of those to look in; a conversation that this starts is limited to them.
            ids: those that the turn gets; None for random ones.
            shown: whether the person sees each sentence as it comes; if not, a stream closed early stores nothing.

        Raises:
            BadQuestion, UnknownConversation, UnknownMessage, UnknownDocumentAsked, UnknownCollection, KeyReused: before
                the first event.
        """
        earlier = None if ids is None else earlier_turn(self.conversations.database, ids, owner)
        if ids is not None and earlier is not None:
            answer = self._answer(earlier.conversation_id, ids, owner)
            if not (answer.stopped and earlier.last):
                return _again(answer)
            conversation_id, replaces = earlier.conversation_id, ids.question
        turns = self.qa.settings.history_turns
        history: Sequence[Turn] = ()
        if conversation_id is not None:
            history = self.conversations.history(conversation_id, turns, owner, replaces)
        qa = self._about(conversation_id, owner, collections)
        events = self.observe(qa.stream(question, history, documents))
        new = None if ids is None else ids.conversation
        alone = conversation_id in (None, new)
        created = None
        if conversation_id is None:
            limit = None if collections is None else self.qa.library.scope(collections)
            created = self.conversations.create(owner, scope=limit, id=new)
            conversation_id = created.id
        turn = _Turn(conversation_id, replaces, owner, alone, ids, created)
        return self._stream(events, turn, shown)

    def events(
        self,
        question: str,
        history: Sequence[Turn] = (),
        documents: Sequence[str] | None = None,
        collections: Sequence[str] | None = None,
    ) -> Iterator[Event]:
        """Yield the pipeline's events for a question without storing anything; see ``QA.stream``."""
        return self.observe(self._about(None, "", collections).stream(question, history, documents))

    def within(self, scope: Scope | None) -> Chat:
        """Return the same chat over what is in some collections, given by ids: it knows of nothing else."""
        return self if scope is None else Chat(self.qa.within(scope), self.conversations, self.observe)

    def _about(self, conversation_id: str | None, owner: str, collections: Sequence[str] | None) -> QA:
        """Return the pipeline over what a conversation and a question are limited to."""
        qa = self.qa
        if conversation_id is not None:
            qa = qa.within(self.conversations.scope(conversation_id, owner))
        return qa if collections is None else qa.within(qa.library.scope(collections))

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
            # Asked again in another's place, it leaves that one until there is something better.
            if shown and turn.question and not turn.finished and (turn.sentences or turn.replaces is None):
                self._stored(turn, turn.stopped())
            raise
        finally:
            if isinstance(events, Generator):
                events.close()
            if turn.created is not None and not turn.stored:  # it would be listed without a title for ever
                with suppress(LibraryError):  # which is raised already, or told with the next question
                    self.conversations.delete_empty(turn.created, turn.owner)

    def _answer(self, conversation_id: str, ids: TurnIds, owner: str) -> ChatAnswer:
        """Return an answer that is stored."""
        answer = next(m.answer for m in self.conversations.messages(conversation_id, owner) if m.id == ids.answer)
        assert answer is not None
        return ChatAnswer(
            **dict(answer), conversation_id=conversation_id, message_id=ids.answer, user_message_id=ids.question
        )

    def _stored(self, turn: _Turn, answer: Answer) -> ChatAnswer:
        try:
            stored = self._append(turn, answer)
        except (KeyReused, UnknownMessage):  # another process may have worked on the same question, and been faster
            earlier = None if turn.ids is None else earlier_turn(self.conversations.database, turn.ids, turn.owner)
            if turn.ids is None or earlier is None:
                raise
            known = self._answer(earlier.conversation_id, turn.ids, turn.owner)
            if answer.stopped or not (known.stopped and earlier.last):
                turn.stored = True
                return known
            turn.replaces = turn.ids.question
            stored = self._append(turn, answer)
        turn.stored = True
        return ChatAnswer(
            **dict(answer),
            conversation_id=turn.conversation_id,
            message_id=stored.answer.id,
            user_message_id=stored.question.id,
        )

    def _append(self, turn: _Turn, answer: Answer) -> StoredTurn:
        return self.conversations.append(turn.conversation_id, answer, turn.owner, turn.replaces, turn.alone, turn.ids)


@dataclass(slots=True)
class _Turn(PartialAnswer):
    """A turn in the making, and where it will be stored."""

    conversation_id: str = ""
    replaces: str | None = None
    owner: str = ""
    alone: bool = False
    ids: TurnIds | None = None
    created: Conversation | None = None
    """The conversation, where this turn began it."""
    stored: bool = False


def _again(answer: ChatAnswer) -> Iterator[ChatEvent]:
    """Yield the events of an answer that was stored earlier."""
    numbered = {citation.number: citation for citation in answer.citations}
    yield ChatStarted(conversation_id=answer.conversation_id, question=answer.question)
    yield ChatRewritten(standalone_question=answer.standalone_question)
    yield ChatPassages(passages=answer.passages)
    for sentence in answer.sentences:
        yield ChatSentence(**dict(sentence), sources=[numbered[number] for number in sentence.citations])
    yield answer
