"""Rewriting a follow-up with a prompt: a language model makes the last question stand alone, or nothing comes of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa import messages as texts
from qa import prompts
from qa.errors import ModelError
from qa.llm.base import Message, Model, complete
from qa.llm.output import NO_ANSWER, without_thoughts
from qa.text.quantities import fixed_numerals, occurs, quantities
from qa.types import Turn
from qa.verify.source import squash
from qa.verify.wording import names_of
from vectorstore.text.language import language_of
from vectorstore.text.words import normalise

PROMPT = "rewrite"
TURN_CHARS = 600
"""Of each earlier message, that much is shown."""

_PREAMBLE = re.compile(
    r"^(?:改写后?的?问题|独立的?问题|问题|standalone question|rewritten question|question)\s*[:：]\s*", re.I
)


def rewrite(model: Model, question: str, history: Sequence[Turn]) -> str | None:
    """Return ``question`` so that it stands alone, or None when the model failed or wrote nonsense.

    Nonsense is: nothing, several lines, much more than was asked, or a name or number that neither the question nor the
    conversation holds.
    """
    if not history:
        return None
    try:
        answer = complete(model, _messages(question, history))
    except ModelError:
        return None
    return checked(answer, question, history)


def _messages(question: str, history: Sequence[Turn]) -> list[Message]:
    language = language_of(question)
    speakers = {"user": texts.USER(language), "assistant": texts.ASSISTANT(language)}
    said = ((speakers[turn.role], " ".join(turn.content[:TURN_CHARS].split())) for turn in history)
    turns = [texts.UNDER_A_NAME(language, name=name, text=text) for name, text in said]
    headings = texts.CONVERSATION_HEADING(language), texts.LAST_QUESTION_HEADING(language)
    asked = " ".join(question.split())
    return [
        Message("system", prompts.load(f"{PROMPT}.{language}").text),
        Message("user", "\n".join([headings[0], "", *turns, "", headings[1], "", asked])),
    ]


def checked(answer: str, question: str, history: Sequence[Turn]) -> str | None:
    """Return the question in a model's ``answer``, None when it may not be asked in place of ``question``."""
    lines = [line.strip() for line in without_thoughts(answer).splitlines() if line.strip()]
    if len(lines) != 1:
        return None
    text = _PREAMBLE.sub("", lines[0]).strip().strip('"“”「」`')
    longest = max((len(turn.content) for turn in history if turn.role == "user"), default=0)
    if not any(char.isalnum() for char in text) or len(text) > 40 + 2 * (len(question) + longest) or NO_ANSWER in text:
        return None
    return text if _invents_nothing(text, [question, *(turn.content for turn in history)]) else None


def _invents_nothing(text: str, said: Sequence[str]) -> bool:
    whole = "\n".join(squash(part) for part in said)
    known = [quantity for part in said for quantity in quantities(normalise(part))]
    claimed = normalise(text)
    numbers = all(quantity.article or occurs(quantity, known) for quantity in quantities(claimed))
    terms = all(piece in whole for piece in fixed_numerals(claimed))
    return numbers and terms and all(squash(name) in whole for name in names_of(text, whole))
