"""qa collections, and the options of other commands that name them; alone, and through a server that runs."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

QUESTION = "云溪县2023年粮食总产量是多少？"


def held(run: Any, data: Path, **environment: str) -> dict[str, list[str]]:
    """Return the collections of each document."""
    listed = json.loads(run("documents", "list", "--json", data=data, **environment).out)["documents"]
    return {one["name"]: one["collections"] for one in listed}


def test_documents_are_put_into_collections(run: Any, data: Path, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("# 便条\n\n会议室钥匙在三楼。", "utf-8")
    unknown = run("ingest", "--collection", "staff", str(note), data=data)
    assert (unknown.status, "there is no collection 'staff'" in unknown.err) == (1, True)
    assert run("collections", "add", "staff", data=data).status == 0
    assert run("ingest", "--collection", "staff", str(note), data=data).status == 0
    assert run("documents", "put", "yunxi.txt", "--collections", "default, staff", data=data).status == 0
    assert run("collections", "rename", "staff", "people", data=data).status == 0
    into = {"note.txt": ["people"], "shiqiao.txt": ["default"], "yunxi.txt": ["default", "people"]}
    assert held(run, data) == into
    listed = json.loads(run("collections", "list", "--json", data=data).out)["collections"]
    assert [(one["name"], one["document_count"]) for one in listed] == [("default", 2), ("people", 2)]
    kept = run("collections", "remove", "people", data=data)
    assert (kept.status, "1 documents" in kept.err) == (1, True)
    assert run("ask", "--collection", "people", "石桥县改造危桥多少座？", data=data).status == 3
    assert run("ask", "--collection", "people", QUESTION, data=data).status == 0
    assert run("documents", "put", "note.txt", "--collections", "default", data=data).status == 0
    assert run("collections", "remove", "people", data=data).status == 0
    assert "default" in run("collections", "list", data=data).out


@pytest.mark.parametrize("through_a_server", [False, True])
def test_documents_are_put_all_or_none(run: Any, serve: Any, data: Path, through_a_server: bool) -> None:
    with serve(data) if through_a_server else nullcontext():
        assert run("collections", "add", "staff", data=data).status == 0
        before = held(run, data)
        refused = run("documents", "put", "yunxi.txt", "none.txt", "--collections", "staff", data=data)
        assert (refused.status, "none.txt" in refused.err, refused.out) == (1, True, "")
        assert held(run, data) == before
        assert run("documents", "put", "yunxi.txt", "shiqiao.txt", "--collections", "staff", data=data).status == 0
        assert held(run, data) == {"yunxi.txt": ["staff"], "shiqiao.txt": ["staff"]}


def test_keys_are_limited_through_a_server(run: Any, serve: Any, data: Path) -> None:
    with serve(data, QA_KEYS="on"):
        manager = run("keys", "add", "boss", "--role", "ask,manage", data=data).out.strip()
        environment = {"QA_API_KEY": manager}
        assert run("collections", "add", "roads", data=data, **environment).status == 0
        assert run("documents", "put", "shiqiao.txt", "--collections", "roads", data=data, **environment).status == 0
        assert held(run, data, **environment) == {"shiqiao.txt": ["roads"], "yunxi.txt": ["default"]}
        key = run("keys", "add", "driver", "--role", "ask", "--collections", "roads", data=data).out.strip()
        assert held(run, data, QA_API_KEY=key) == {"shiqiao.txt": ["roads"]}
        assert run("ask", QUESTION, data=data, QA_API_KEY=key).status == 3
        assert run("ask", "石桥县改造危桥多少座？", data=data, QA_API_KEY=key).status == 0
        refused = run("collections", "add", "mine", data=data, QA_API_KEY=key)
        assert (refused.status, "role 'manage'" in refused.err) == (1, True)
        assert "role 'download'" in run("documents", "show", "shiqiao.txt", data=data, QA_API_KEY=key).err
        rows = [line.split() for line in run("keys", "list", data=data).out.splitlines()]
        assert rows[1][1:5] == ["boss", "ask,", "manage", "all"]
        assert rows[2][1:4] == ["driver", "ask", "roads"]


def test_files_are_sent_into_collections(run: Any, serve: Any, data: Path, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("# 便条\n\n会议室钥匙在三楼。", "utf-8")
    with serve(data):
        assert run("collections", "add", "staff", data=data).status == 0
        assert run("ingest", "--collection", "staff", str(tmp_path / "note.txt"), data=data).status == 0
        assert held(run, data)["note.txt"] == ["staff"]
        unknown = run("ingest", "--collection", "nobody", str(tmp_path / "note.txt"), data=data)
        assert (unknown.status, "there is no collection 'nobody'" in unknown.err) == (1, True)


def test_what_no_key_can_be_limited_to_is_said(run: Any, tmp_path: Path) -> None:
    for arguments, why in [
        (("--role", "read"), "there is no role 'read'; there are ask, download, manage"),
        (("--role", ","), "names nothing"),
        (("--collections", "none"), "there is no collection 'none'"),
    ]:
        refused = run("keys", "add", "Ada", *arguments, data=tmp_path)
        assert (refused.status, why in refused.err) == (1, True), refused.err
    assert json.loads(run("keys", "list", "--json", data=tmp_path).out) == {"keys": []}
