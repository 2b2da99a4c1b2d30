"""Requests and responses of the HTTP API about conversations and feedback."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from qa.api.examples import CONVERSATION, CONVERSATIONS, FEEDBACK, FORGOTTEN, RATING
from qa.api.schema import Collections, Id, Text
from qa.sessions.conversations import Conversation, CountedConversation, Message
from qa.sessions.feedback import COMMENT_CHARS, Opinion, RatedAnswer, Rating, documents_of

TITLE_CHARS = 200
"""Longest title that a client may set."""


def _single_line(text: str) -> str:
    return " ".join(text.split())


class NewConversation(BaseModel):
    """A conversation to create."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"title": "粮食"}]})

    title: Annotated[Text, AfterValidator(_single_line)] = Field(
        "", max_length=TITLE_CHARS, description="The first question becomes the title when there is none."
    )
    collections: Collections | None = Field(
        None, min_length=1, max_length=100, description="Names or ids of the collections that its questions search."
    )


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("a title needs a letter, or any other sign")
    return text


class NewTitle(BaseModel):
    """A new title for a conversation."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"title": "粮食"}]})

    title: Annotated[Text, AfterValidator(_single_line), AfterValidator(_not_empty)] = Field(
        min_length=1, max_length=TITLE_CHARS
    )


class ConversationList(BaseModel):
    """Conversations, most recently updated first."""

    model_config = ConfigDict(json_schema_extra={"examples": [CONVERSATIONS]})

    conversations: list[CountedConversation]
    next: str | None = Field(description="Cursor of the next page: send it as `before`. Null on the last page.")


class ForgottenKey(BaseModel):
    """What was deleted of a revoked API key."""

    model_config = ConfigDict(json_schema_extra={"examples": [FORGOTTEN]})

    key: str = Field(description="Its id.")
    conversations: int
    responses: int


class MessageView(Message):
    """A message, and the feedback on it."""

    feedback: Opinion | None = None


class ConversationView(Conversation):
    """A conversation with its messages, each answer as it was first sent."""

    model_config = ConfigDict(json_schema_extra={"examples": [CONVERSATION]})

    messages: list[MessageView]


class NewFeedback(BaseModel):
    """A rating of an answer, with an optional comment."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [RATING]})

    message_id: Id = Field(description="The answer's.")
    rating: Rating
    comment: Annotated[Text, StringConstraints(max_length=COMMENT_CHARS)] = ""


class FeedbackView(Opinion):
    """A rating with the question and the answer that it is about."""

    message_id: str
    conversation_id: str
    question: str
    standalone_question: str
    answer: str
    abstained: bool
    documents: list[str] = Field(
        description="Names of the documents that the answer cites; for an abstention, those of its passages."
    )

    @classmethod
    def of(cls, rated: RatedAnswer) -> FeedbackView:
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
    """Ratings, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [FEEDBACK]})

    feedback: list[FeedbackView]
