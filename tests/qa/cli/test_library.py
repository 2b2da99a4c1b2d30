"""qa ingest and qa documents: what goes in, what is refused, and that nothing is lost by it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest


def names(run: Any, data: Path) -> list[str]:
    documents = json.loads(run("documents", "list", "--json", data=data).out)["documents"]
    return [document["name"] for document in documents]


def test_ingest_says_what_became_of_each(run: Any, data: Path, tmp_path: Path, reports: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    (new / "shiqiao.txt").write_text("# 石桥县\n\n石桥县改造危桥9座。\n", "utf-8")
    (new / "third.md").write_text("# 第三县\n\n第三县新建学校2所。\n", "utf-8")
    ran = run("ingest", str(new), str(reports / "yunxi.txt"), "--json", data=data)
    assert ran.status == 0
    assert json.loads(ran.out) == {
        "added": ["third.md"],
        "replaced": ["shiqiao.txt"],
        "unchanged": ["yunxi.txt"],
        "failed": [],
        "notes": [],
        "documents": 3,
    }
    again = run("ingest", str(new), data=data)
    assert again.out == f"2 unchanged; the library in {data} holds 3\n"


@pytest.mark.parametrize("kind", ["missing", "empty", "binary", "no_documents", "broken_jsonl"])
def test_unreadable_source_is_refused_and_nothing_is_lost(run: Any, data: Path, tmp_path: Path, kind: str) -> None:
    path = tmp_path / {"broken_jsonl": "bad.jsonl", "no_documents": "folder"}.get(kind, "bad.txt")
    if kind == "empty":
        path.write_text(" \n\n", "utf-8")
    elif kind == "binary":
        path.write_bytes(bytes(range(256)) * 20)
    elif kind == "no_documents":
        path.mkdir()
        (path / "picture.png").write_bytes(b"PNG")
    elif kind == "broken_jsonl":
        path.write_text('{"id": "x"\n', "utf-8")
    ran = run("ingest", str(path), data=data)
    assert ran.status == 1
    assert str(path) in ran.err
    assert ran.err.startswith("error: ")
    failed = run("ingest", str(path), "--json", data=data)
    assert json.loads(failed.out)["error"]["code"] in (
        "unreadable_source",
        "empty_source",
        "no_documents",
        "source_error",
    )
    assert names(run, data) == ["shiqiao.txt", "yunxi.txt"]


def test_bad_files_of_a_directory_do_not_stop_the_good_ones(run: Any, data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "good.txt").write_text("# 好\n\n新建学校2所。\n", "utf-8")
    (folder / "empty.txt").write_text("", "utf-8")
    (folder / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    ran = run("ingest", str(folder), data=data)
    assert ran.status == 1
    assert "1 added, 2 failed" in ran.out
    assert "empty.txt" in ran.err
    assert "picture.txt" in ran.err
    assert names(run, data) == ["good.txt", "shiqiao.txt", "yunxi.txt"]


def test_two_documents_of_one_name_are_not_taken_for_one(run: Any, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "report.txt").write_text(f"# {folder}县\n\n{folder}县新建学校2所。\n", "utf-8")
    ran = run("ingest", str(tmp_path / "a"), str(tmp_path / "b"), data=tmp_path / "data")
    assert ran.status == 1
    assert "another document called 'report.txt'" in ran.err
    assert "1 added, 1 failed" in ran.out


def test_documents_are_listed_shown_and_removed(run: Any, data: Path) -> None:
    listed = run("documents", "list", data=data)
    assert "石桥县2023年工作总结" in listed.out
    assert "2 documents" in listed.out
    shown = run("documents", "show", "yunxi.txt", data=data)
    assert "粮食总产量达到12.6万吨" in shown.out
    whole = run("documents", "show", "yunxi.txt", "--json", data=data)
    assert json.loads(whole.out)["text"] == run("documents", "show", "yunxi.txt", "--text", data=data).out
    assert run("documents", "remove", "yunxi.txt", data=data).out == "removed yunxi.txt\n"
    assert names(run, data) == ["shiqiao.txt"]


def test_remove_takes_all_or_none(run: Any, data: Path) -> None:
    ran = run("documents", "remove", "yunxi.txt", "nowhere.txt", data=data)
    assert ran.status == 1
    assert "nowhere.txt" in ran.err
    assert names(run, data) == ["shiqiao.txt", "yunxi.txt"]


def test_documents_of_a_served_library_are_read_from_the_server(run: Any, served: Any) -> None:
    assert names(run, served.data) == ["shiqiao.txt", "yunxi.txt"]
    assert "12.6万吨" in run("documents", "show", "yunxi.txt", data=served.data).out
    assert run("documents", "show", "nowhere.txt", data=served.data).status == 1


def test_changes_to_a_served_library_go_through_the_server(run: Any, served: Any, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    (folder / "2024").mkdir(parents=True)
    (folder / "2024" / "third.md").write_text("# 第三县\n\n第三县新建学校2所。\n", "utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    ran = run("ingest", str(folder), "--json", data=served.data)
    assert ran.status == 1
    report = json.loads(ran.out)
    assert (report["added"], report["documents"]) == (["2024/third.md"], 3)
    assert [failure["name"] for failure in report["failed"]] == ["broken.pdf"]
    assert run("ingest", str(tmp_path / "nowhere.txt"), data=served.data).status == 1
    assert run("documents", "remove", "2024/third.md", "nowhere.txt", data=served.data).status == 1
    assert run("documents", "remove", "2024/third.md", data=served.data).out == "removed 2024/third.md\n"
    assert names(run, served.data) == ["shiqiao.txt", "yunxi.txt"]


@pytest.mark.parametrize("arguments", [["--rebuild"], ["REPORTS", "--password", "x"]])
def test_what_a_server_cannot_do_names_the_owner(run: Any, served: Any, reports: Path, arguments: list[str]) -> None:
    ran = run("ingest", *[str(reports) if part == "REPORTS" else part for part in arguments], data=served.data)
    assert ran.status == 1
    assert f"process {served.process.pid}" in ran.err
    assert served.url in ran.err
    assert "end it" in ran.err


@pytest.mark.parametrize("kind", ["broken", "foreign", "cut"])
def test_broken_or_foreign_catalogue_is_refused(run: Any, data: Path, kind: str) -> None:
    (path,) = data.glob("library.sqlite3")
    whole = path.read_bytes()
    if kind == "broken":
        path.write_bytes(b"this is no database at all " * 100)
    elif kind == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    else:
        path.unlink()
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE recipes (name TEXT)")
        connection.commit()
        connection.close()
    before = path.read_bytes()
    for arguments in (["ask", "粮食总产量是多少？"], ["documents", "list"], ["doctor"]):
        ran = run(*arguments, data=data)
        assert ran.status == 1
        assert path.name in ran.out + ran.err
    assert path.read_bytes() == before


def test_library_of_other_settings_is_refused_with_the_way_out(run: Any, data: Path) -> None:
    ran = run("ask", "粮食总产量是多少？", data=data, QA_CHUNK_CHARS="100")
    assert ran.status == 1
    assert "qa ingest --rebuild" in ran.err
    assert run("ingest", "--rebuild", data=data, QA_CHUNK_CHARS="100").status == 0
    assert run("ask", "云溪县2023年粮食总产量是多少？", data=data, QA_CHUNK_CHARS="100").status == 0


def test_derived_indexes_may_be_deleted(run: Any, data: Path) -> None:
    import shutil

    for part in data.iterdir():
        if part.is_dir() and part.name in ("dense", "lexical"):
            shutil.rmtree(part)
    assert "12.6万吨" in run("ask", "云溪县2023年粮食总产量是多少？", data=data).out
