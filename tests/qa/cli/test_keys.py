"""qa keys: made, listed, revoked while a server runs; and the commands show theirs to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from qa.sessions.keys import PATTERN

QUESTION = "云溪县2023年粮食总产量是多少？"


def test_key_is_shown_once(run: Any, tmp_path: Path) -> None:
    made = run("keys", "add", "Ada", data=tmp_path)
    key = made.out.strip()
    assert (made.status, PATTERN.fullmatch(key) is not None) == (0, True)
    listed = json.loads(run("keys", "list", "--json", data=tmp_path).out)["keys"]
    assert [item["name"] for item in listed] == ["Ada"]
    assert key not in run("keys", "list", data=tmp_path).out
    assert "there is a key called 'Ada'" in run("keys", "add", "Ada", data=tmp_path).err
    assert run("keys", "revoke", listed[0]["id"], data=tmp_path).status == 0
    assert run("keys", "revoke", "Ada", data=tmp_path).status == 1
    assert json.loads(run("keys", "add", "Ada", "--json", data=tmp_path).out)["key"] != key


def test_what_a_revoked_key_left_behind_is_deleted(run: Any, tmp_path: Path) -> None:
    run("keys", "add", "Ada", data=tmp_path)
    assert "gave 0 conversations and 0 responses to" in run("keys", "adopt", "Ada", data=tmp_path).out
    assert json.loads(run("keys", "adopt", "Ada", "--json", data=tmp_path).out)["conversations"] == 0
    assert "is not revoked" in run("keys", "forget", "Ada", data=tmp_path).err
    run("keys", "revoke", "Ada", data=tmp_path)
    assert "deleted 0 conversations and 0 responses of" in run("keys", "forget", "Ada", data=tmp_path).out
    assert json.loads(run("keys", "forget", "Ada", "--json", data=tmp_path).out)["conversations"] == 0
    assert run("keys", "forget", "Grace", data=tmp_path).status == 1


def test_commands_show_their_key_to_a_server_that_runs(run: Any, serve: Any, data: Path) -> None:
    with serve(data, QA_KEYS="on") as served:
        assert "API keys are required: `qa keys add NAME`" in served.log.read_text("utf-8")
        refused = run("ask", QUESTION, data=data)
        assert refused.status == 1
        assert "QA_API_KEY" in refused.err
        key = run("keys", "add", "Ada", data=data).out.strip()
        answered = run("ask", QUESTION, data=data, QA_API_KEY=key)
        assert (answered.status, "12.6万吨" in answered.out) == (0, True)
        assert run("documents", "list", data=data, QA_API_KEY=key).status == 0
        run("keys", "revoke", "Ada", data=data)
        assert "revoked" in run("ask", QUESTION, data=data, QA_API_KEY=key).err
        assert key not in served.log.read_text("utf-8")


def test_doctor_tells_whether_keys_are_asked_for(run: Any, data: Path) -> None:
    assert "asks for no API keys" in run("doctor", data=data).out
    assert "`qa keys add NAME` makes one" in run("doctor", data=data, QA_HOST="0.0.0.0").out
    run("keys", "add", "Ada", data=data)
    assert "asks for API keys; 1 hold" in run("doctor", data=data, QA_KEYS="on").out
