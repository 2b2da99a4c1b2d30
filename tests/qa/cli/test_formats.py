"""``qa ingest`` and ``qa ask`` over files that are not plain text."""

from __future__ import annotations

import json
from pathlib import Path

from tests.qa.cli.conftest import Run
from tests.support.office_files import docx, paragraph
from tests.support.pdf_files import Page, pdf


def test_a_folder_of_several_formats(run: Run, tmp_path: Path) -> None:
    folder, data = tmp_path / "reports", tmp_path / "data"
    folder.mkdir()
    (folder / "a.docx").write_bytes(docx(paragraph("云溪县2023年工作总结", "T") + paragraph("全县茶园面积4200亩。")))
    page = Page().text(72, 700, "The Valley Council built 12 bridges in 2023.")
    (folder / "b.pdf").write_bytes(pdf([page, Page()]))
    (folder / "c.pdf").write_bytes(pdf([page], password="open sesame"))
    ran = run("ingest", str(folder), "--json", data=data)
    result = json.loads(ran.out)
    assert ran.status == 1
    assert result["added"] == ["a.docx", "b.pdf"]
    assert result["notes"] == [
        {"name": "b.pdf", "message": "page 2 has no text that can be read: empty, or a scan"},
    ]
    (failed,) = result["failed"]
    assert "c.pdf is encrypted: give its password with --password" in failed["message"]

    answer = run("ask", "How many bridges did the Valley Council build in 2023?", data=data, QA_RANKER="linear")
    assert "12 bridges" in answer.out
    assert "p. 1\n" in answer.out


def test_a_password_opens_an_encrypted_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "secret.pdf"
    path.write_bytes(
        pdf([Page().text(72, 700, "The Valley Council built 12 bridges in 2023.")], password="open sesame")
    )
    assert run("ingest", str(path), data=tmp_path / "data").status != 0
    ran = run("ingest", str(path), "--password", "open sesame", data=tmp_path / "data")
    assert (ran.status, "1 added" in ran.out) == (0, True)


def test_a_limit_of_reading_is_a_setting(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "large.docx"
    path.write_bytes(docx(paragraph("增长" * 1_000_000)))
    ran = run("ingest", str(path), data=tmp_path / "data", QA_READ_UNPACKED_MB="1")
    assert ran.status != 0
    assert "QA_READ_UNPACKED_MB" in ran.err
