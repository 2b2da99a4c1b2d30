"""The public API: what ``import qa`` offers, and a library opened, filled and asked through it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import qa
from qa.errors import SettingsError
from qa.pipeline import QA
from qa.version import version
from tests.qa.conftest import REPORTS
from vectorstore.errors import LibraryLocked, SourceError, UnknownDocument

GREENHOUSES = "青山县新建蔬菜大棚多少个？"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of reports, below a working directory without settings."""
    monkeypatch.chdir(tmp_path)
    reports = tmp_path / "reports"
    reports.mkdir()
    for name, text in REPORTS.items():
        (reports / name).write_text(text, "utf-8")
    return reports


def test_every_exported_name_is_there_and_listed() -> None:
    assert qa.__version__ == version()
    assert qa.QA is QA
    for name in qa.__all__:
        assert getattr(qa, name) is not None
        assert name in dir(qa)
    with pytest.raises(AttributeError, match="nothing_such"):
        qa.nothing_such  # noqa: B018


def test_importing_loads_nothing() -> None:
    code = (
        "import sys, qa; sys.exit(','.join(n for n in sys.modules if n.startswith(('qa.', 'pydantic', 'numpy'))) or 0)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_open_ingest_ask_follow_up_remove(folder: Path) -> None:
    with qa.open(folder.parent / "data", answerer="extractive") as reports:
        report = reports.ingest(folder)
        assert report.added == ["a.txt", "b.txt", "c.md"]
        assert [info.name for info in reports.documents()] == report.added
        answer = reports.ask(GREENHOUSES)
        assert isinstance(answer, qa.Answer)
        assert "1200个" in answer.answer
        (citation,) = answer.citations
        assert isinstance(citation, qa.Citation)
        raw = reports.document(citation.document).text
        assert "".join(raw[start:end] for start, end in citation.spans) == citation.quote
        assert "800个" in reports.ask("那白河市呢？", history=[answer]).answer
        turns = [qa.Turn(role="user", content=GREENHOUSES), qa.Turn(role="assistant", content=answer.answer)]
        assert "800个" in reports.ask("那白河市呢？", history=turns).answer
        assert reports.ask(GREENHOUSES, documents=["c.md"]).abstained
        assert reports.remove("c.md").name == "c.md"
        with pytest.raises(UnknownDocument):
            reports.document("c.md")


def test_library_stays_and_belongs_to_one(folder: Path) -> None:
    reports = qa.open("data", answerer="extractive")
    try:
        reports.ingest(folder / "a.txt")
        with pytest.raises(LibraryLocked):
            qa.open("data", answerer="extractive")
    finally:
        reports.close()
        reports.close()
    with qa.open("data", answerer="extractive") as again:
        assert "1200个" in again.ask(GREENHOUSES).answer


def test_what_cannot_be_read_is_reported(folder: Path) -> None:
    (folder / "empty.txt").write_text("", "utf-8")
    other = folder.parent / "other"
    other.mkdir()
    (other / "a.txt").write_text("另一份同名的报告。", "utf-8")
    with qa.open("data", answerer="extractive") as reports:
        report = reports.ingest(folder, other)
        assert report.added == ["a.txt", "b.txt", "c.md"]
        (empty, empty_why), (twice, twice_why) = report.failed
        assert "empty.txt" in empty + empty_why
        assert (twice, "another document" in twice_why) == ("a.txt", True)
        with pytest.raises(SourceError, match="nowhere"):
            reports.ingest("nowhere")


def test_unknown_or_impossible_settings_are_refused_before_a_library_is_made(folder: Path) -> None:
    with pytest.raises(SettingsError, match=r"^anwserer is not a setting; did you mean answerer\?$"):
        qa.open("data", anwserer="extractive")
    with pytest.raises(SettingsError, match="it must be 80 to 1000"):
        qa.open("data", chunk_chars=10)
    with pytest.raises(SettingsError, match="QA_LLM_BASE_URL"):
        qa.open("data", answerer="model")
    assert [path.name for path in folder.parent.iterdir() if path.name != "data"] == ["reports"]
    with qa.open("data", answerer="extractive") as reports:  # the one refused for its model left no lock behind
        assert reports.documents() == []
