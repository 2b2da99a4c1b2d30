"""What a language model is sent: the rules, the conversation, passages under labels, the question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa import messages as texts
from qa import prompts
from qa.answering.base import Request
from qa.answering.citation_labels import label
from qa.answering.citations import label_passages
from qa.llm.base import Message
from qa.llm.output import NO_ANSWER
from qa.question.query import Query
from qa.ranking.base import CandidateSentence
from qa.types import Candidate
from qa.verify import squash
from vectorstore.text.endings import is_closed
from vectorstore.text.language import Language
from vectorstore.types import BlockKind

TURN_CHARS = 600
"""Of each earlier message, that much is shown."""
SURE = 0.8
"""From this probability on, a model that finds no answer is shown the sentences that seem to."""
HINTS = 3
_CITATION_MARK = re.compile(r"\[\d+\]")


def prompt(name: str, language: Language) -> str:
    """Return the text of a prompt in a language."""
    return prompts.load(f"{name}.{language}").text


def worth_showing(request: Request, passages: int) -> list[Candidate]:
    """Return the candidates that a model is shown, best first: none that is only a heading, if there are others.

    Args:
        passages: how many for a question that asks one thing; twice as many for lists, summaries and comparisons.
    """
    query = request.query
    wide = query.wants_several or query.comparative or query.asks_each_document or len(query.parts) > 1
    told = [candidate for candidate in request.candidates if not _is_heading(candidate)]
    return (told or list(request.candidates))[: passages * (2 if wide or request.questions else 1)]


def _is_heading(candidate: Candidate) -> bool:
    passage = candidate.stored.passage
    if passage.kind in (BlockKind.TITLE, BlockKind.HEADING):
        return True
    if is_closed(passage.text):  # a document of a sentence or two has them for its title
        return False
    return squash(passage.text) in {squash(candidate.stored.title), squash(passage.section.rpartition(" / ")[2])}


def first_messages(query: Query, shown: Sequence[Candidate]) -> list[Message]:
    """Return the messages that ask for an answer.

    What is the same for every question of a language comes first, so that an endpoint can cache it.
    """
    return [Message("system", prompt("answer", query.language)), Message("user", question_message(query, shown))]


def question_message(query: Query, shown: Sequence[Candidate]) -> str:
    """Return the user's message: the conversation so far, the passages as data under their labels, the question.

    Angle brackets in what others wrote are escaped, so that no passage can end its own element or forge another.
    """
    parts = []
    if query.history:
        speakers = {"user": texts.USER(query.language), "assistant": texts.ASSISTANT(query.language)}
        parts += [texts.CONVERSATION_HEADING(query.language), ""]
        for turn in query.history:
            said = " ".join(_CITATION_MARK.sub("", turn.content[:TURN_CHARS]).split())
            parts.append(texts.UNDER_A_NAME(query.language, name=speakers[turn.role], text=_escaped(said)))
        parts.append("")
    parts += [texts.PASSAGES_HEADING(query.language), "", passage_elements(shown)]
    return "\n".join([*parts, "", texts.QUESTION_HEADING(query.language), "", query.text])


def passage_elements(shown: Sequence[Candidate], start: int = 0) -> str:
    """Return the passages from place ``start`` on as elements with their labels."""
    parts = []
    for name, candidate in list(label_passages(shown).items())[start:]:
        passage = candidate.stored.passage
        title, section = _escaped(candidate.stored.title), _escaped(passage.section)
        parts += [f'<passage id="{name}" title="{title}" section="{section}">', _escaped(passage.text), "</passage>"]
    return "\n".join(parts)


def search_messages(query: Query, wanted: Sequence[str], shown: Sequence[Candidate], start: int) -> list[Message]:
    """Return what is sent behind a model's request to search: the passages from place ``start`` on are new."""
    found = passage_elements(shown, start) or texts.NOTHING_MORE_FOUND(query.language)
    asked = _filled(prompt("search", query.language), passages=found, question=query.text)
    return [Message("assistant", "\n".join(f"SEARCH: {text}" for text in wanted)), Message("user", asked)]


def doubting_messages(request: Request, shown: Sequence[Candidate]) -> list[Message]:
    """Return what is sent behind NO_ANSWER where sentences surely seem to answer; nothing where none does."""
    labels = {candidate.stored.id: label(number) for number, candidate in enumerate(shown, start=1)}
    parts = [part for one in request.questions or (request,) for part in one.ranked.parts if part.probability >= SURE]
    units = [unit for part in parts for unit in part.sentences[:HINTS] if unit.stored.id in labels]
    if not units:
        return []
    hints = "\n".join(dict.fromkeys(_hint(unit, labels[unit.stored.id]) for unit in units[:HINTS]))
    query = request.query
    asked = _filled(prompt("again", query.language), sentences=hints, question=query.text)
    return [Message("assistant", NO_ANSWER), Message("user", asked)]


def _hint(unit: CandidateSentence, name: str) -> str:
    return f"- {_escaped(' '.join(unit.sentence.text.split()))}[{name}]"


def _filled(text: str, **values: str) -> str:
    """Return a prompt with its placeholders filled in, in one pass: a value may hold a placeholder's name."""
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], match[0]), text)


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
