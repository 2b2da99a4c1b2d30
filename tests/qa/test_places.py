"""Citations in documents with pages: JSON, the command line and exports say on which page they stand."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from qa.answering.rendering import pages
from qa.api.export import markdown
from qa.cli.output import print_notes
from qa.pipeline import QA
from qa.sessions.chat import ChatAnswer
from qa.sessions.conversations import Conversation, Message
from qa.settings import Settings
from qa.types import Answer, Citation, CitedPlace
from tests.support.pdf_files import Page, pdf
from vectorstore.embeddings import load_embedder
from vectorstore.library import Library
from vectorstore.reading import read_file

QUESTION = "How many bridges did the Valley Council build in 2023?"
FIRST = ["The Valley Council reports on its work of the year.", "It kept all roads open and answered every letter."]
SECOND = ["In 2023 the Valley Council built 12 bridges over the river Ash.", "The bridges cost 4.5 million pounds."]


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    folder = tmp_path_factory.mktemp("places")
    path = folder / "valley.pdf"
    path.write_bytes(pdf([Page().lines(72, 700, FIRST), Page().lines(72, 700, SECOND, pitch=40)], "0 << /S /r >>"))
    with Library.open(folder / "data", load_embedder("bundled", folder)) as library:
        library.ingest([read_file(path)])
        return QA(library, Settings(answerer="extractive")).ask(
            "How many bridges did the Valley Council build in 2023?"
        )


def test_a_citation_has_its_page_and_the_boxes_of_its_words(answer: Answer) -> None:
    assert "12 bridges" in answer.answer
    (citation,) = answer.citations
    assert json.loads(citation.model_dump_json())["places"] == [
        {
            "page": 2,
            "label": "ii",
            "boxes": [
                [
                    72.0,
                    pytest.approx(133, abs=4),
                    pytest.approx(72 + 5 * len(SECOND[0]), abs=1),
                    pytest.approx(145, abs=4),
                ]
            ],
            "page_size": [595.0, 842.0],
            "kind": "page",
        }
    ]


def test_the_command_line_says_the_page(answer: Answer) -> None:
    console = Console(file=io.StringIO(), width=200)
    print_notes(ChatAnswer(**answer.model_dump(), conversation_id="c", message_id="m", user_message_id="u"), console)
    assert isinstance(console.file, io.StringIO)
    assert "valley.pdf" in console.file.getvalue()
    assert "· p. ii\n" in console.file.getvalue()


def test_an_export_says_the_page(answer: Answer) -> None:
    conversation = Conversation(id="c", title="Bridges", created="2024-01-01", updated="2024-01-01")
    message = Message(id="m", role="assistant", content=answer.answer, answer=answer, created="2024-01-01")
    assert "· p. ii (" in markdown(conversation, [message])


@pytest.mark.parametrize(
    ("kind", "labels", "chinese", "english"),
    [
        ("page", ["4", "5"], "第4、5页", "p. 4, 5"),
        ("slide", ["7"], "第7张幻灯片", "slide 7"),
        ("sheet", ["Sales"], "工作表“Sales”", "sheet Sales"),
        ("page", [], "", ""),
    ],
)
def test_places_are_named_in_both_languages(kind: str, labels: list[str], chinese: str, english: str) -> None:
    places = [
        CitedPlace.model_validate({"page": n, "label": label, "boxes": [], "page_size": None, "kind": kind})
        for n, label in enumerate(labels, start=1)
    ]
    citation = Citation(
        number=1, document="a", document_id="a", title="a", section="", quote="q", spans=[(0, 1)], places=places
    )
    assert (pages(citation, "zh"), pages(citation, "en")) == (chinese, english)


def test_an_answer_of_before_has_no_places() -> None:
    kept = {
        "number": 1,
        "document": "a",
        "document_id": "a",
        "title": "a",
        "section": "",
        "quote": "q",
        "spans": [(0, 1)],
    }
    assert Citation.model_validate(kept).places == []


def test_limits_of_reading_are_settings(tmp_path: Path) -> None:
    options = Settings(read_memory_mb=700, read_seconds=9).read_options("secret")
    assert (options.limits.memory_mb, options.limits.wall_seconds, options.password) == (700, 9, "secret")
