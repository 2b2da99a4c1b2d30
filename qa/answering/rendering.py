"""An answer's sentences as one text: under their documents' names, with citation marks, joined as fits them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from qa import messages
from qa.answering.structure import structured
from qa.types import AnswerSentence, Citation
from vectorstore.text.language import Language

_CLAUSE_END = re.compile(r"(?<=[^；;，,、])[；;，,、]$")


def piece(sentence: AnswerSentence, previous: AnswerSentence | None, language: Language, marks: bool = True) -> str:
    """Return the text of ``sentence`` with what parts it from the ``previous`` one; pieces add up to the answer.

    What is said under another document's name begins a line with that name; English sentences are parted by a space.

    Args:
        language: of the question.
        marks: whether its citation marks stand behind it.
    """
    cited = "".join(f"[{number}]" for number in sentence.citations) if marks else ""
    if previous is not None and (previous.document, previous.section) == (sentence.document, sentence.section):
        return structured(sentence, previous, cited)
    if previous is None and not sentence.document and not sentence.section:
        return structured(sentence, None, cited)
    line = "" if previous is None else "\n"
    return line + headed(sentence, previous, language) + cited


def source_url(base: str, document_id: str, spans: Sequence[tuple[int, int]] = (), sha256: str = "") -> str:
    """Return the address at which the page shows a document with these characters marked.

    A person opens it in a browser, which can't send a key with an address: the page asks for the key, if one is needed.

    Args:
        base: of the service, without a slash at its end.
        sha256: of the version that has the spans; empty for the present one.
    """
    place = ",".join(f"{start}-{end}" for start, end in spans)
    return f"{base}/#source/{document_id}/{place}/{sha256}".rstrip("/")


def headed(sentence: AnswerSentence, previous: AnswerSentence | None, language: Language) -> str:
    """Return the text of ``sentence`` behind the names of its document and its section, where they change with it.

    A section's name begins a line of its own, and so does what is said in no section after one.
    """
    text = sentence.text
    if sentence.section:
        text = messages.UNDER_A_HEADING(language, heading=sentence.section, text=text)
    if not sentence.document or (previous is not None and previous.document == sentence.document):
        return text
    if sentence.section:
        return messages.sentence_text("", sentence.document, language).rstrip() + "\n" + text
    return messages.sentence_text(text, sentence.document, language)


def softened(text: str) -> str:
    """Return ``text`` without the mark with which a clause of a list ends; its citation keeps it."""
    return _CLAUSE_END.sub("", text)


def pages(citation: Citation, language: Language) -> str:
    """Return the pages that a citation stands on, by their labels ("p. iv, v"); empty where it has none."""
    if not citation.places:
        return ""
    labels = messages.BETWEEN_LABELS(language).join(dict.fromkeys(place.label for place in citation.places))
    said = {"page": messages.PAGE, "slide": messages.SLIDE, "sheet": messages.SHEET}[citation.places[0].kind]
    return said(language, label=labels)


def rendered(sentences: Iterable[AnswerSentence], language: Language, marks: bool = True) -> str:
    """Return ``sentences`` as one text; empty when there are none. Arguments as for ``piece``."""
    text, previous = "", None
    for sentence in sentences:
        text += piece(sentence, previous, language, marks)
        previous = sentence
    return text
