"""The Markdown export of a structured answer, read back by CommonMark: the structure, and no markup of the model's."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from qa.api.export import markdown
from qa.sessions.conversations import Conversation, Message
from tests.support.payloads import PAYLOADS
from tests.support.structured import WORDS, structured_answer

languages = pytest.mark.parametrize("language", ["zh", "en"])


def exported(language: str, addition: str = "") -> str:
    answer = structured_answer(language, lambda text: addition + text)
    message = Message(id="m", role="assistant", content=answer.answer, created="2026-01-01", answer=answer)
    return markdown(Conversation(id="c", title="t", created="2026-01-01", updated="2026-01-01"), [message])


def tree(text: str) -> SyntaxTreeNode:
    return SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(text))


def words(node: SyntaxTreeNode) -> str:
    """The text of a node, without its footnotes' marks."""
    return "".join(each.content for each in node.walk() if each.type in ("text", "text_special"))


@languages
def test_structure_is_kept(language: str) -> None:
    text = exported(language)
    nodes = list(tree(text).walk())
    items = [item.replace("**", "") for item in WORDS[language]["items"]]
    assert len([node for node in nodes if node.type == "ordered_list"]) == 1
    assert len([node for node in nodes if node.type == "bullet_list"]) == 1
    (outer,) = (node for node in nodes if node.type == "ordered_list")
    assert [words(item.children[0]).split("[^")[0] for item in outer.children] == [items[0], items[3]]
    assert items[1] in words(outer.children[0].children[1])
    assert items[2] in words(outer.children[0].children[1])
    rows = [[words(cell).split(" [^")[0] for cell in node.children] for node in nodes if node.type == "tr"]
    table = [str(WORDS[language]["head"]), *(row.replace("**", "") for row in WORDS[language]["rows"])]
    assert rows == [row.strip("| ").split(" | ") for row in table]
    bold = [words(node) for node in nodes if node.type == "strong"]
    assert bold == [word.split("**")[1] for word in (WORDS[language]["items"][0], WORDS[language]["rows"][0])]
    space = " " if language == "en" else ""
    assert f"[^1]{space}" in text
    assert [f"[^{number}]: " in text for number in range(1, 10)] == [True] * 9


@languages
@pytest.mark.parametrize("payload", ["[a](b)", "<b>", "# ", "`x`", "![i](u)", "1. ", "~~s~~", *PAYLOADS[::20]])
def test_no_text_becomes_markup(language: str, payload: str) -> None:
    """Bars and pairs of asterisks are structure: what they cut a text into is still text."""
    found = {node.type for node in tree(exported(language, payload)).walk()}
    assert found <= {
        *("root", "heading", "paragraph", "inline", "text", "text_special", "em", "strong", "softbreak"),
        *("ordered_list", "bullet_list", "list_item", "table", "thead", "tbody", "tr", "th", "td"),
    }
    headings = [node.tag for node in tree(exported(language, payload)).walk() if node.type == "heading"]
    assert headings == ["h1"]


def test_line_ends_are_kept() -> None:
    """A question of two lines, and a quotation that is a list, read back with their lines."""
    answer = structured_answer("zh", lambda text: text)
    quoted = answer.citations[0].model_copy(update={"quote": "一、甲\n\n- 乙\n  丙"})
    answer = answer.model_copy(update={"citations": [quoted, *answer.citations[1:]]})
    messages = [
        Message(id="q", role="user", content="第一行\n第二行\n第三行", created="2026-01-01"),
        Message(id="m", role="assistant", content=answer.answer, created="2026-01-01", answer=answer),
    ]
    text = markdown(Conversation(id="c", title="t", created="2026-01-01", updated="2026-01-01"), messages)
    assert "## 第一行\n\n第二行\\\n第三行\n" in text
    assert "“一、甲\\\n    \\- 乙\\\n    丙”" in text
    breaks = [node for node in tree(text).walk() if node.type == "hardbreak"]
    assert len(breaks) == 3


def test_what_heads_a_part_of_a_list_is_an_item() -> None:
    answer = structured_answer("zh", lambda text: text)
    led = "措施包括_：\n\n- **大棚**_："
    sentence = answer.sentences[0].model_copy(
        update={"text": "新建800个", "item": "    - ", "lead_in": led, "block": 0}
    )
    answer = answer.model_copy(update={"sentences": [sentence]})
    message = Message(id="m", role="assistant", content=answer.answer, created="2026-01-01", answer=answer)
    text = markdown(Conversation(id="c", title="t", created="2026-01-01", updated="2026-01-01"), [message])
    assert "措施包括\\_：\n\n- **大棚**\\_：\n    - 新建800个" in text
    assert not [node for node in tree(text).walk() if node.type == "code_block"]
