"""Questions generated from documents: by general rules, about one document each, never about a fragment."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from qa.api.app import create_app
from qa.pipeline import QA, open_library
from qa.sessions.conversations import Conversations
from qa.sessions.question_generation import generate_questions
from qa.settings import Settings
from vectorstore.library import Library
from vectorstore.reading import RawDocument

CHINESE = (
    "青山能源：2023年年度报告\n\n一、经营情况\n\n2023年，公司营业收入达到36.5亿元，比上年增长12%。公司新建电站余18座。"
    "公司地址为青山路88号。其中风电占40%。\n\n二、推进绿色发展\n\n公司完成节能改造项目25个，带动周边就业1300余人。\n"
)
ENGLISH = (
    "Harbour Works 2023 Annual Report\n\nFinancial results\n\nTotal revenue was 36.4 million dollars in 2023. "
    "It was 20 million dollars before. Average order value was 1,250 dollars.\n"
)


def questions(text: str, tmp_path: Path, alone: bool) -> dict[str, str]:
    with open_library(Settings(data_dir=tmp_path, answerer="extractive")) as library:
        library.ingest([RawDocument.of("a.txt", text)])
        generated = generate_questions(library.document("a.txt"), alone)
        return {item.question: item.expected for item in generated}


def test_chinese_figures_and_headings(tmp_path: Path) -> None:
    found = questions(CHINESE, tmp_path, alone=False)
    assert found["青山能源公司营业收入达到多少元？"] == "36.5亿元"
    assert found["青山能源公司完成节能改造项目多少个？"] == "25个"
    assert all(question.startswith("青山能源") for question in found)
    assert not any("多少号" in question or "其中" in question or "多少余" in question for question in found)
    assert any("绿色发展" in question for question in found)


def test_only_document_needs_no_name(tmp_path: Path) -> None:
    assert "公司营业收入达到多少元？" in questions(CHINESE, tmp_path, alone=True)


def test_english_figures_are_asked_about_by_the_report_s_name(tmp_path: Path) -> None:
    found = questions(ENGLISH, tmp_path, alone=False)
    assert "According to Harbour Works 2023 Annual Report, what was total revenue?" in found
    assert not any("what was it" in question.lower() for question in found)


@pytest.mark.parametrize("text", ["没有数字的一段话。\n", "1\n2\n3\n", "<script>alert(1)</script>\n"])
def test_documents_that_suggest_nothing(text: str, tmp_path: Path) -> None:
    assert questions(text, tmp_path, alone=True) == {}


def test_what_is_asked_for_as_the_service_closes_searches_nothing(
    library: Library, settings: Settings, conversations: Conversations
) -> None:
    """The thread that warms the library up asks for suggestions when it is done, be that after the end."""
    service = create_app(settings, QA(library, settings), conversations).state.service
    service.close()
    before = threading.active_count()
    assert service.suggestions_within(None).get(limit=1) == []
    assert threading.active_count() == before
