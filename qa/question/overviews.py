"""Which documents an overview is wanted of: those that are named, by name or by words of their titles, or all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa.question.intents import IntentClassifier
from qa.question.query import Query
from vectorstore.text.words import STOPWORDS, normalise, words

if TYPE_CHECKING:
    from vectorstore.library import Library
    from vectorstore.types import DocumentInfo


def overview_documents(query: Query, library: Library, classifier: IntentClassifier) -> tuple[str, ...]:
    """Return the ids of the documents, by name; all in scope where ``query`` singles none out.

    None where it asks for something that is no document's: then it is a question about that.
    """
    infos = [info for info in library.documents() if query.scope is None or info.id in query.scope]
    named = {document for part in query.parts for document in part.documents}
    if chosen := tuple(info.id for info in infos if info.id in named):
        return chosen
    own = [word for word in words(query.normal) if word not in classifier.general and word not in STOPWORDS]
    if not own:
        return tuple(info.id for info in infos)
    shared = {info.id: sum(word in _title(info) for word in own) for info in infos}
    most = max(shared.values(), default=0)
    return tuple(document for document, count in shared.items() if count == most > 0)


def _title(info: DocumentInfo) -> str:
    return normalise(f"{info.title} {info.name}")
