"""What was promised: for each document the versions that it may have now, and the questions that were answered."""

from __future__ import annotations

from dataclasses import dataclass, field

WORKS = ("水渠", "公路", "校舍", "堤坝", "桥梁", "泵站")


def name_of(number: int) -> str:
    return f"village-{number:02}.txt"


def text_of(number: int, version: int) -> str:
    """Return a document whose every paragraph tells its version."""
    lines = [f"第{number}号村第{version}版报告：新修{work}{version * 31 + at}处。" for at, work in enumerate(WORKS)]
    return f"# 第{number}号村工作报告\n\n" + "\n\n".join(
        f"{line}群众反映良好，管护责任落实到人。" * 4 for line in lines
    )


@dataclass
class Faults:
    """What must not be."""

    lost: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        return {"lost": len(self.lost), "torn": len(self.torn), "doubled": len(self.doubled)}


class Ledger:
    """Versions are numbered from 1; 0 stands for no document."""

    def __init__(self, documents: int) -> None:
        self.may_be: dict[int, set[int]] = {number: {0} for number in range(documents)}
        self.answered: list[str] = []
        self.asked: set[str] = set()
        self.acknowledged = 0
        self._versions = 0

    def new_version(self) -> int:
        self._versions += 1
        return self._versions

    def try_change(self, number: int, version: int) -> None:
        """Note that a change was sent: it may happen."""
        self.may_be[number] = {*self.may_be[number], version}

    def acknowledge(self, number: int, version: int) -> None:
        """Note that it was accepted: it must happen, after all before it."""
        self.may_be[number] = {version}
        self.acknowledged += 1

    def check_document(self, number: int, text: str | None, faults: Faults) -> None:
        """Compare a document, None where there is none, with what it may be; then it is what it was seen to be."""
        name = name_of(number)
        found = next((v for v in range(self._versions + 1) if text == (text_of(number, v) if v else None)), None)
        if found is None:
            faults.torn.append(name)
        elif found not in self.may_be[number]:
            faults.lost.append(f"{name}: version {found}, not one of {sorted(self.may_be[number])}")
        self.may_be[number] = {found or 0}

    def check_conversation(self, messages: list[tuple[str, str]], faults: Faults) -> None:
        """Compare a conversation's messages (role, content) with the questions that were answered."""
        questions = [content for role, content in messages if role == "user"]
        if [role for role, _ in messages] != ["user", "assistant"] * len(questions):
            faults.torn.append(f"conversation: {len(messages)} messages")
        faults.lost += [question for question in self.answered if question not in questions]
        faults.doubled += [question for question in set(questions) if questions.count(question) > 1]
        faults.torn += [question for question in questions if question not in self.asked]
