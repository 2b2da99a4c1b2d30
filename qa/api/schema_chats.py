"""What the HTTP API takes and gives about conversations and what people think of answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from qa.api.examples import CONVERSATION, CONVERSATIONS, FEEDBACK, RATING
from qa.api.schema import Id, Text
from qa.sessions.conversations import Conversation, CountedConversation, Message
from qa.sessions.feedback import COMMENT_CHARS, Opinion, Rated, Rating, documents_of

TITLE_CHARS = 200
"""Of a title that somebody gives."""


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


class NewConversation(BaseModel):
    """A conversation to begin."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"title": "粮食"}]})

    title: Annotated[Text, AfterValidator(_on_one_line)] = Field(
        "", max_length=TITLE_CHARS, description="The first question becomes the title when there is none."
    )


def _something(text: str) -> str:
    if not text:
        raise ValueError("a title needs a letter, or any other sign")
    return text


class NewTitle(BaseModel):
    """Another title for a conversation."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"title": "粮食"}]})

    title: Annotated[Text, AfterValidator(_on_one_line), AfterValidator(_something)] = Field(
        min_length=1, max_length=TITLE_CHARS
    )


class ConversationList(BaseModel):
    """Conversations, the one that was used last first."""

    model_config = ConfigDict(json_schema_extra={"examples": [CONVERSATIONS]})

    conversations: list[CountedConversation]
    next: str | None = Field(description="Send it as `before` to go on; null at the end.")


class MessageView(Message):
    """A message, and what was thought of it."""

    feedback: Opinion | None = None


class ConversationView(Conversation):
    """A conversation with its messages, each answer as it was first sent."""

    model_config = ConfigDict(json_schema_extra={"examples": [CONVERSATION]})

    messages: list[MessageView]


class NewFeedback(BaseModel):
    """What somebody thinks of an answer."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [RATING]})

    message_id: Id = Field(description="The answer's.")
    rating: Rating
    comment: Annotated[Text, StringConstraints(max_length=COMMENT_CHARS)] = ""


class FeedbackView(Opinion):
    """An opinion with the question and the answer that it is about."""

    message_id: str
    conversation_id: str
    question: str
    standalone_question: str
    answer: str
    abstained: bool
    documents: list[str] = Field(description="That the answer cites; of an abstention, those of the passages offered.")

    @classmethod
    def of(cls, rated: Rated) -> FeedbackView:
        return cls(
            rating=rated.rating,
            comment=rated.comment,
            created=rated.created,
            message_id=rated.message_id,
            conversation_id=rated.conversation_id,
            question=rated.answer.question,
            standalone_question=rated.answer.standalone_question,
            answer=rated.answer.answer,
            abstained=rated.answer.abstained,
            documents=documents_of(rated.answer),
        )


class FeedbackList(BaseModel):
    """Opinions, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [FEEDBACK]})

    feedback: list[FeedbackView]
