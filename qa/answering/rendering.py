"""An answer's sentences as one text: under their documents' names, with citation marks, joined as fits them."""

from __future__ import annotations

from collections.abc import Iterable

from qa import messages
from qa.answering.structure import structured
from qa.types import AnswerSentence
from vectorstore.text.language import Language


def piece(sentence: AnswerSentence, previous: AnswerSentence | None, language: Language, marks: bool = True) -> str:
    """Return the text of ``sentence`` with what parts it from the ``previous`` one; pieces add up to the answer.

    What is said under another document's name begins a line with that name; English sentences are parted by a space.

    Args:
        language: of the question.
        marks: whether its citation marks stand behind it.
    """
    cited = "".join(f"[{number}]" for number in sentence.citations) if marks else ""
    if previous is not None and previous.document == sentence.document:
        return structured(sentence, previous, cited)
    if previous is None and not sentence.document:
        return structured(sentence, None, cited)
    line = "" if previous is None else "\n"
    return line + messages.sentence_text(sentence.text, sentence.document, language) + cited


def rendered(sentences: Iterable[AnswerSentence], language: Language, marks: bool = True) -> str:
    """Return ``sentences`` as one text; empty when there are none. Arguments as for ``piece``."""
    text, previous = "", None
    for sentence in sentences:
        text += piece(sentence, previous, language, marks)
        previous = sentence
    return text
