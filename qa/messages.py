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


def first_place(largest: bool, degree: str, compared: int) -> Message:
    """Return the conclusion of a comparison, for ``name`` and ``figure``.

    Args:
        degree: the adjective that the question compares by, in Chinese; empty for the general one.
        compared: how many documents stand side by side; 更 becomes 最 above two.
    """
    adjective = degree or ("大" if largest else "小")
    word = f"{'最' if compared > 2 else '更'}{adjective}"
    return Message(
        f"{word}的是{{name}}（{{figure}}）。", f"{'Highest' if largest else 'Lowest'}: {{name}} ({{figure}})."
    )


# The command line.
NEAREST_PASSAGES = Message("最接近的段落：", "Nearest passages:")
LOOKING_UP = Message("正在查找", "looking it up")
EXTRACTED = Message("摘自原文", "extractive")
"""In place of the name of the extractive answerer."""
TIME_TAKEN = Message("{answerer} · {ms:.0f} 毫秒", "{answerer} · {ms:.0f} ms")
NEW_CONVERSATION = Message("新的会话。", "A new conversation.")
STOPPED = Message("已停止", "stopped")
