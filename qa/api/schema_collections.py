"""Requests and responses of the HTTP API about collections."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from qa.api.examples import COLLECTION, COLLECTIONS
from qa.api.schema import Text
from vectorstore.types import Collection


class CollectionName(BaseModel):
    """The name of a collection."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": COLLECTION["name"]}]})

    name: Annotated[Text, StringConstraints(max_length=200)] = Field(
        description="1 to 64 printable characters without a comma, and no other collection's."
    )


class CollectionView(BaseModel):
    """A collection of documents; a document may be in several."""

    model_config = ConfigDict(json_schema_extra={"examples": [COLLECTION]})

    id: str = Field(description="Stays when it is renamed.")
    name: str
    created: str = Field(description="ISO 8601, UTC.")
    document_count: int

    @classmethod
    def of(cls, collection: Collection) -> CollectionView:
        return cls(
            id=collection.id,
            name=collection.name,
            created=collection.created,
            document_count=collection.documents,
        )


class CollectionList(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [COLLECTIONS]})

    collections: list[CollectionView]


class CollectionContent(BaseModel):
    """What a collection is to hold."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"documents": ["tongji.pdf"]}]})

    documents: list[Text] = Field(max_length=100_000, description="Names or ids of its documents; no others.")
    orphans_to: Text | None = Field(
        None,
        description="Name or id of the collection that takes the documents which would be in none; "
        "without it they are refused, and nothing is changed.",
    )


class DocumentChange(BaseModel):
    """What is to change about a document."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"collections": [COLLECTION["name"]]}]})

    collections: list[Text] = Field(
        min_length=1, max_length=100, description="Names or ids of the collections that it is to be in; no others."
    )


class DocumentsChange(DocumentChange):
    """The same about several documents."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"documents": ["tongji.pdf"], "collections": [COLLECTION["name"]]}]},
    )

    documents: list[Text] = Field(min_length=1, max_length=100_000, description="Names or ids.")
