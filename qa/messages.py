"""Every sentence that the product itself says to a person, in Chinese and in English; nothing else holds one."""

from __future__ import annotations

from dataclasses import dataclass

from vectorstore.text.language import Language


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence in both languages, with ``{names}`` for what is put in."""

    zh: str
    en: str

    def __call__(self, language: Language, **values: object) -> str:
        """Return the sentence in ``language``."""
        return (self.zh if language == "zh" else self.en).format(**values)


ABSTENTION = Message("资料中没有提到。", "The reports don't say.")
SILENT_DOCUMENT = Message("{name}：资料中没有提到。", "{name}: The reports don't say.")
UNANSWERED_QUESTION = Message("{question} 资料中没有提到。", "{question} The reports don't say.")
MODEL_FAILED = Message("{error} 已改用原文摘录作答。", "{error} Quotations from the reports stand in.")
NOTHING_VERIFIED = Message(
    "模型的回答没有一句通过核对，已改用原文摘录作答。",
    "No sentence of the model's answer could be verified; quotations from the reports stand in.",
)
UNDER_A_NAME = Message("{name}：{text}", "{name}: {text}")
"""What one document says, where several are compared."""


def sentence_text(text: str, document: str, language: Language) -> str:
    """Return a sentence of an answer as plain text: after the name of its document, where it has one."""
    return UNDER_A_NAME(language, name=document, text=text) if document else text
