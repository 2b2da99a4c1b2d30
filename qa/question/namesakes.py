"""Other documents that go by the name that a question gives: they may answer where the one that is named doesn't."""

from __future__ import annotations

from dataclasses import replace

from qa.question.documents import MOST
from qa.question.query import Query
from vectorstore.corpus import Corpus
from vectorstore.indexes.heads import Part


def asked_of_namesakes(query: Query, library: Corpus) -> Query | None:
    """Return a question that names one document, asked of the others whose first lines have that name.

    A title is the stronger sign, so the documents that have a name there are asked first. But "浔州的公积金怎么提取？"
    is no question to the budget of 浔州's bureau of culture: the fund's own page says 浔州 below its title.

    Returns:
        None where the question names no document, or several, or where no other has the name.
    """
    part = query.parts[0]
    if len(query.parts) > 1 or not part.documents or not part.names:
        return None
    named = library.directory.find(*((Part.HEAD, name) for name in part.names), most=MOST, documents=query.scope)
    others = set(named or ()) - {*part.documents, *query.without}
    return replace(query, parts=(replace(part, documents=tuple(sorted(others))),)) if others else None
