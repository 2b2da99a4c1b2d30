"""A run with a language model, recorded through the command and replayed without the model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from eval.cli import app
from eval.runs.run_file import Run, load
from tests.support.scripted_openai import Messages, Reply, ScriptedOpenAI, error, passages

OK, WORSE, UNFIT = 0, 1, 2
DOCUMENTS = {
    "river.txt": "青河全长120公里。青河流经五个镇。青河有桥12座。",
    "mill.txt": "The mill at Oakham has 14 wheels. It grinds 300 tonnes a year. Larkfield has no mill.",
}
QUESTIONS = [
    {"id": "zh", "type": "fact", "question": "青河全长多少公里？", "answerable": True, "must_contain": [["120"]]},
    {
        "id": "en",
        "type": "fact",
        "question": "How many wheels does the mill at Oakham have?",
        "answerable": True,
        "must_contain": [["14"]],
    },
    {
        "id": "follow-up",
        "type": "fact",
        "question": "那里有几座桥？",
        "answerable": True,
        "must_contain": [["12"]],
        "history": [
            {"role": "user", "content": "青河全长多少公里？"},
            {"role": "assistant", "content": "青河全长120公里。"},
        ],
    },
]


def script(messages: Messages) -> Reply:
    """Answer with thoughts, wrongly at first, so that there is a repair to be recorded too."""
    last, labels = messages[-1]["content"], {text: label for label, text in passages(messages).items()}
    river = next((label for text, label in labels.items() if "青河" in text), "P1")
    mill = next((label for text, label in labels.items() if "Oakham" in text), "P1")
    if not labels:
        return Reply(text="青河有几座桥？", usage=(20, 5))
    if messages[-2]["role"] == "assistant":
        return Reply(text=f"The mill at Oakham has 14 wheels [{mill}].", usage=(50, 9))
    if "Oakham have" in last:
        return Reply(text=f"The mill at Oakham has 41 wheels [{mill}].", thinking="The first one.", usage=(40, 9))
    if "几座桥" in last:
        return Reply(text=f"青河有桥12座。[{river}]", usage=(40, 8))
    return Reply(text=f"青河全长**120公里**。[{river}]", thinking="看第一段", usage=(40, 8))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with documents and a set, as the current folder; no model is configured."""
    (tmp_path / "docs").mkdir()
    for name, text in DOCUMENTS.items():
        (tmp_path / "docs" / name).write_text(text, encoding="utf-8")
    write_set(tmp_path, QUESTIONS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QA_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def write_set(place: Path, questions: list[dict[str, object]]) -> None:
    lines = (json.dumps(question, ensure_ascii=False) + "\n" for question in questions)
    (place / "set.jsonl").write_text("".join(lines), encoding="utf-8")


def run(*more: str) -> Result:
    given = ["run", "--questions", "set.jsonl", "--documents", "docs", "--cache", "cache"]
    return CliRunner().invoke(app, [*given, *more])


def recorded(server: ScriptedOpenAI, monkeypatch: pytest.MonkeyPatch, *more: str) -> Result:
    with monkeypatch.context() as patch:
        patch.setenv("QA_LLM_MODEL", "scripted")
        patch.setenv("QA_LLM_BASE_URL", server.url)
        return run("--record", "tape", *more)


def comparable(done: Run) -> list[dict[str, object]]:
    return [item.model_dump(exclude={"latency_ms"}) for item in done.items]


def test_a_recorded_run_is_had_again_without_the_model(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedOpenAI(script) as server:
        done = recorded(server, monkeypatch, "--json", "first.json")
        asked = len(server.requests)
    assert done.exit_code == OK, done.output
    first = load(place / "first.json")
    assert [item.scores["correct"] for item in first.items] == [1.0, 1.0, 1.0]
    assert first.items[1].dropped == 1
    assert len(list((place / "tape").glob("*.json"))) == asked >= 5
    again = run("--replay", "tape", "--json", "again.json")
    assert again.exit_code == OK, again.output
    assert comparable(load(place / "again.json")) == comparable(first)
    assert load(place / "again.json").run.answerer == first.run.answerer == "model"


def test_a_recording_can_be_read(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedOpenAI(script) as server:
        recorded(server, monkeypatch, "--limit", "1")
    (path,) = (place / "tape").glob("*.json")
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["model"].startswith("scripted at ")
    assert [message["role"] for message in kept["messages"]] == ["system", "user"]
    assert kept["reply"][0] == {"thinking": "看第一段"}
    assert kept["reply"][1]["text"].startswith("青河全长**120公里**。")
    assert kept["reply"][2]["usage"] == {"input_tokens": 40, "output_tokens": 8}


@pytest.mark.parametrize("name", ["zh", "en"])
def test_a_question_without_a_recording_is_named(place: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    other = [question for question in QUESTIONS if question["id"] != name]
    missing = next(question for question in QUESTIONS if question["id"] == name)
    write_set(place, other)
    with ScriptedOpenAI(script) as server:
        assert recorded(server, monkeypatch).exit_code == OK
    write_set(place, [*other, missing])
    done = run("--replay", "tape", "--json", "again.json")
    assert done.exit_code == UNFIT
    assert f"question {name} ({missing['question']}): no recording in tape fits the prompt" in done.output
    assert not (place / "again.json").exists()


def test_a_damaged_recording_ends_the_replay_and_is_no_failure_of_the_pipeline(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_set(place, QUESTIONS[:2])
    with ScriptedOpenAI(script) as server:
        assert recorded(server, monkeypatch).exit_code == OK
    for path in sorted((place / "tape").glob("*.json"))[1:]:  # the first names the model
        path.write_bytes(path.read_bytes()[:50])
    done = run("--replay", "tape", "--json", "again.json")
    assert done.exit_code == UNFIT
    assert "is not a recording" in done.output
    assert not (place / "again.json").exists()


def test_a_prompt_is_asked_once_and_a_failed_call_is_not_kept(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_set(place, [QUESTIONS[0], {**QUESTIONS[0], "id": "twice"}])
    with ScriptedOpenAI(script) as server:
        assert recorded(server, monkeypatch, "--json", "first.json").exit_code == OK
        assert len(server.requests) == 1
    answers = [item.answer for item in load(place / "first.json").items]
    assert answers[0] == answers[1]
    with ScriptedOpenAI(error(401)) as server:
        assert recorded(server, monkeypatch, "--limit", "1").exit_code == OK
    assert len(list((place / "tape").glob("*.json"))) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--record", "tape"], "there is no model to record"),
        (["--replay", "nothing"], "there is no recording in nothing"),
        (["--record", "a", "--replay", "b"], "give one of them"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_indexed(place: Path, arguments: list[str], message: str) -> None:
    done = run(*arguments)
    assert done.exit_code == UNFIT
    assert message in done.output
    assert not (place / "cache").exists()


def test_what_is_no_recording_is_refused(place: Path) -> None:
    (place / "tape").mkdir()
    (place / "tape" / "x.json").write_text("{}", encoding="utf-8")
    done = run("--replay", "tape")
    assert done.exit_code == UNFIT
    assert "x.json is not a recording" in done.output
