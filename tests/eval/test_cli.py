"""The commands, from the outside: their files, what they print, and their exit statuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from eval.cli import app
from eval.runs.run_file import load, save

OK, WORSE, UNFIT = 0, 1, 2
LINES = [
    {
        "id": f"q{number}",
        "type": kind,
        "question": question,
        "answerable": answerable,
        "split": "dev" if number % 2 else "test",
        **({"must_contain": [[answer]]} if answer else {}),
    }
    for number, (kind, question, answerable, answer) in enumerate(
        [
            ("single_fact", "青河全长多少公里？", True, "120"),
            ("single_fact", "南山海拔多少米？", True, "845"),
            ("list", "南山的茶园有多少亩？", True, "300"),
            ("unanswerable_off_topic", "怎样做红烧肉？", False, ""),
        ]
    )
]

Invoke = Callable[..., Result]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two documents and a set, as the current folder, with its own data folder."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "river.txt").write_text("青河全长120公里。青河流经五个镇。", encoding="utf-8")
    (tmp_path / "docs" / "hill.txt").write_text("南山海拔845米。南山有茶园300亩。", encoding="utf-8")
    write_set(tmp_path / "set.jsonl", LINES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("QA_ANSWERER", "extractive")
    return tmp_path


def write_set(path: Path, lines: Sequence[object]) -> None:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def qa_eval(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def asked(*more: str) -> Result:
    return qa_eval("run", "--questions", "set.jsonl", "--documents", "docs", "--cache", "cache", *more)


def test_run_writes_every_report_and_prints_the_table(place: Path) -> None:
    done = asked("--json", "out/run.json", "--html", "run.html", "--markdown", "run.md", "--junit", "run.xml")
    assert done.exit_code == OK, done.output
    assert [item.id for item in load(place / "out" / "run.json").items] == ["q0", "q1", "q2", "q3"]
    for name in ("run.html", "run.md", "run.xml"):
        assert "单" not in name
        assert (place / name).stat().st_size > 200
    for words in ("single_fact", "unanswerable_off_topic", "answerable", "abstention", "latency", "sha256"):
        assert words in done.output


def test_run_asks_a_selection(place: Path) -> None:
    done = asked("--json", "run.json", "--split", "test", "--types", "single_fact,list", "--limit", "1")
    assert done.exit_code == OK, done.output
    run = load(place / "run.json")
    assert [item.id for item in run.items] == ["q0"]
    assert run.run.questions["split"] == "test"


def test_run_ends_with_1_when_the_pipeline_failed_on_a_question(place: Path) -> None:
    write_set(place / "set.jsonl", [*LINES, {"id": "bad", "type": "t", "question": "？？", "answerable": False}])
    done = asked("--json", "run.json")
    assert done.exit_code == WORSE
    assert "1 of 5 questions; first bad: BadQuestion" in done.output
    assert load(place / "run.json").items[4].error


def test_two_saved_runs_are_compared_by_name(place: Path) -> None:
    assert asked("--save", "one").exit_code == OK
    assert asked("--save", "two").exit_code == OK
    done = qa_eval(
        "compare", "one", "two", "--html", "c.html", "--json", "c.json", "--markdown", "c.md", "--junit", "c.xml"
    )
    assert done.exit_code == OK, done.output
    assert "too few questions to tell  0 answers changed, 0 flipped" in done.output
    assert json.loads((place / "c.json").read_text(encoding="utf-8"))["worse"] is False
    assert (place / "c.html").exists()
    assert (place / "c.md").exists()
    assert (place / "c.xml").exists()


def test_compare_ends_with_1_and_shows_both_answers_of_a_flip(place: Path) -> None:
    asked("--json", "one.json")
    run = load(place / "one.json")
    for item in run.items[:3]:
        item.scores |= {"correct": 1.0 - item.scores["correct"], "cited": 0.0}
        item.answer = "另一个回答。"
    save(run, place / "two.json")
    done = qa_eval("compare", "one.json", "two.json")
    assert done.exit_code == WORSE
    assert "cited must be 1.0 and fell" in done.output
    assert "after: 另一个回答。" in done.output


def test_the_gate_passes_what_did_not_change_and_stops_a_drop(place: Path) -> None:
    made = qa_eval(
        *("baseline", "--why", "first", "--baseline", "b/base.json", "--cache", "cache"),
        *("--questions", "set.jsonl", "--documents", "docs"),
    )
    assert made.exit_code == OK, made.output
    gate = ("gate", "--baseline", "b/base.json")
    done = qa_eval(*gate, "--cache", "cache", "--html", "gate.html", "--save", "now")
    assert done.exit_code == OK, done.output
    assert "too few questions to tell" in done.output
    assert (place / "gate.html").exists()
    run = load(place / "data" / "runs" / "now.json")
    answered = next(item for item in run.items if not item.abstained)
    answered.scores["number_fidelity"] = 0.0
    save(run, place / "bad.json")
    assert qa_eval(*gate, "--run", "bad.json").exit_code == WORSE


def test_refreshing_the_baseline_adds_a_reason_and_wants_one(place: Path) -> None:
    asked("--json", "run.json")
    first = ("--questions", "set.jsonl", "--documents", "docs")
    assert qa_eval("baseline", "--why", "first", "--baseline", "base.json", "--run", "run.json", *first).exit_code == OK
    done = qa_eval("baseline", "--why", "shorter answers", "--baseline", "base.json", "--run", "run.json")
    assert done.exit_code == OK, done.output
    history = json.loads((place / "base.json").read_text(encoding="utf-8"))["history"]
    assert [reason["why"] for reason in history] == ["first", "shorter answers"]
    assert qa_eval("baseline", "--why", " ", "--baseline", "base.json", "--run", "run.json").exit_code == UNFIT


def test_a_set_or_documents_that_changed_do_not_fit_the_baseline(place: Path) -> None:
    asked("--json", "run.json")
    first = ("--questions", "set.jsonl", "--documents", "docs")
    qa_eval("baseline", "--why", "first", "--baseline", "base.json", "--run", "run.json", *first)
    write_set(place / "set.jsonl", LINES[:3])
    done = qa_eval("gate", "--baseline", "base.json", "--cache", "cache")
    assert done.exit_code == UNFIT
    assert "1 questions are only in one of" in done.output
    write_set(place / "set.jsonl", LINES)
    (place / "docs" / "hill.txt").unlink()
    done = qa_eval("gate", "--baseline", "base.json", "--cache", "cache")
    assert done.exit_code == UNFIT
    assert "different documents" in done.output


def test_score_scores_anew_without_asking(place: Path) -> None:
    asked("--json", "run.json")
    run = load(place / "run.json")
    run.items[0].answer = "120公里。"
    run.items[0].abstained = False
    save(run, place / "edited.json")
    done = qa_eval("score", "edited.json", "--questions", "set.jsonl", "--documents", "docs", "--json", "scored.json")
    assert done.exit_code == OK, done.output
    assert load(place / "scored.json").items[0].scores["correct"] == 1.0


def test_score_refuses_what_was_not_asked(place: Path) -> None:
    """Another question of the same id, another history, other documents: their scores would be of something else."""
    asked("--json", "run.json")
    score = ("score", "run.json", "--questions", "set.jsonl", "--json", "scored.json", "--documents")
    write_set(place / "set.jsonl", [LINES[0] | {"must_contain": [["999"]]}, *LINES[1:]])
    (place / "docs" / "more.txt").write_text("北山海拔500米。", encoding="utf-8")  # was not there then: left out
    assert qa_eval(*score, "docs").exit_code == OK
    scored = load(place / "scored.json")
    assert scored.items[0].scores["correct"] == 0.0
    assert scored.run.questions["sha256"] != load(place / "run.json").run.questions["sha256"]
    turns = [{"role": "user", "content": "青河呢？"}, {"role": "assistant", "content": "120公里。"}]
    for other in ({"question": "青河流经几个镇？"}, {"history": turns}):
        write_set(place / "set.jsonl", [*LINES[:2], LINES[2] | other])
        done = qa_eval(*score, "docs")
        assert done.exit_code == UNFIT
        assert "1 questions of set.jsonl were asked otherwise, first q2" in done.output
    write_set(place / "set.jsonl", LINES)
    (place / "docs" / "hill.txt").write_text("南山海拔846米。", encoding="utf-8")
    done = qa_eval(*score, "docs")
    assert done.exit_code == UNFIT
    assert "the documents are not those that were asked" in done.output


def test_a_run_file_without_a_summary_can_be_scored_and_not_compared(place: Path) -> None:
    asked("--json", "run.json")
    run = json.loads((place / "run.json").read_text(encoding="utf-8"))
    (place / "bare.json").write_text(json.dumps({"run": run["run"], "items": run["items"]}), encoding="utf-8")
    (place / "twice.json").write_text(json.dumps(run | {"items": [*run["items"], run["items"][0]]}), encoding="utf-8")
    assert "bare.json has no summary; `qa eval score`" in qa_eval("compare", "run.json", "bare.json").output
    assert "has 1 ids more than once, first 'q0'" in qa_eval("compare", "run.json", "twice.json").output
    score = ("score", "bare.json", "--questions", "set.jsonl", "--documents", "docs", "--json", "scored.json")
    assert qa_eval(*score).exit_code == OK
    assert qa_eval("compare", "run.json", "scored.json").exit_code == OK


def test_the_current_library_is_asked_when_no_documents_are_given(place: Path) -> None:
    from qa import settings
    from vectorstore.embeddings import load_embedder
    from vectorstore.library import Library
    from vectorstore.reading import read_source

    data = settings.load().data_dir
    with Library.open(data, load_embedder("bundled", data)) as library:
        library.ingest(read_source(place / "docs"))
    done = qa_eval("run", "--questions", "set.jsonl", "--json", "run.json")
    assert done.exit_code == OK, done.output
    assert load(place / "run.json").run.documents == ["hill.txt", "river.txt"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--questions", "none.jsonl", "--documents", "docs"), "none.jsonl can't be read as a question set"),
        (("run", "--questions", "set.jsonl", "--documents", "nowhere"), "nowhere"),
        (("run", "--questions", "set.jsonl", "--documents", "docs", "--types", "poem"), "no questions of type poem"),
        (("run", "--questions", "set.jsonl", "--documents", "docs", "--answerer", "oracle"), "oracle"),
        (("run", "--questions", "set.jsonl"), "is empty; run `qa ingest PATH`"),
        (("compare", "one", "two"), "neither a file 'one' nor a run saved under that name; saved runs: none"),
        (("gate", "--baseline", "none.json"), "can't be read as a baseline"),
        (("gate", "--baseline", "set.jsonl"), "is not a baseline"),
        (("baseline", "--why", "x", "--baseline", "new.json"), "--questions and --documents say what"),
        (("score", "set.jsonl", "--questions", "set.jsonl", "--documents", "docs"), "is not a run file"),
        (("judge", "none.json"), "give --model and --base-url"),
        (("new", "--documents", "docs", "--out", "set.jsonl"), "set.jsonl exists"),
        (("run", "--questions", "set.jsonl", "--documents", "docs", "--cache", "set.jsonl"), "be a cache of vectors"),
        (("compare", "x" * 300, "two"), "File name too long"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_what_does_not_fit_ends_with_2_and_says_why(place: Path, arguments: tuple[str, ...], message: str) -> None:
    done = qa_eval(*arguments)
    assert done.exit_code == UNFIT, done.output
    assert done.output.startswith("error: ")
    assert message in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("name", ["../up", "", ".hidden", "a/b"])
def test_a_run_is_saved_under_a_name_not_a_path_and_nothing_is_asked_before(place: Path, name: str) -> None:
    done = asked("--json", "run.json", "--save", name)
    assert done.exit_code == UNFIT
    assert "can't be a run's name" in done.output
    assert not (place / "run.json").exists()


@pytest.mark.parametrize("option", ["--json", "--html", "--markdown", "--junit"])
def test_a_report_that_could_not_be_written_is_refused_before_anything_is_asked(place: Path, option: str) -> None:
    for path in ("docs", "set.jsonl/report"):
        done = asked("--save", "kept", option, path)
        assert done.exit_code == UNFIT
        assert f"{path} can't be written" in done.output
    assert not (place / "data" / "runs").exists()


def test_what_is_no_baseline_is_not_written_over_and_nothing_is_asked(place: Path) -> None:
    for path, message in (("set.jsonl", "is not a baseline"), ("docs", "docs can't be read as a baseline")):
        given = ("--questions", "set.jsonl", "--documents", "docs", "--cache", "cache")
        done = qa_eval("baseline", "--why", "first", "--baseline", path, *given)
        assert done.exit_code == UNFIT
        assert message in done.output
    assert not (place / "cache").exists()


def test_new_says_commands_that_a_shell_takes(place: Path) -> None:
    (place / "docs").rename(place / "my docs")
    done = qa_eval("new", "--documents", "my docs", "--out", "a set.jsonl")
    assert "qa eval check --questions 'a set.jsonl' --documents 'my docs'\n" in done.output


def test_new_drafts_a_set_that_check_accepts_and_run_asks(place: Path) -> None:
    done = qa_eval("new", "--documents", "docs", "--out", "draft.jsonl", "--facts", "2")
    assert done.exit_code == OK, done.output
    lines = (place / "draft.jsonl").read_text(encoding="utf-8").splitlines()
    assert f"{len(lines)} questions drafted" in done.output
    assert sum(json.loads(line)["answerable"] for line in lines) >= 2
    checked = qa_eval("check", "--questions", "draft.jsonl", "--documents", "docs")
    assert checked.exit_code == OK, checked.output
    ran = qa_eval("run", "--questions", "draft.jsonl", "--documents", "docs", "--cache", "cache", "--json", "run.json")
    assert ran.exit_code == OK, ran.output


def test_check_ends_with_1_and_names_what_is_wrong(place: Path) -> None:
    broken = LINES[0] | {"evidence": [{"document": "river.txt", "quote": "青河全长999公里。"}]}
    write_set(place / "set.jsonl", [broken])
    done = qa_eval("check", "--questions", "set.jsonl", "--documents", "docs")
    assert done.exit_code == WORSE
    assert "q0" in done.output


def test_selftest_says_what_a_set_is_too_small_to_catch(place: Path) -> None:
    done = qa_eval("selftest", "--questions", "set.jsonl", "--documents", "docs", "--cache", "cache")
    assert done.exit_code == WORSE, done.output
    assert "missed" in done.output
    assert "quotes tidied" in done.output
    assert "of 24 faults caught" in done.output
    assert "0 of 22 harmless changes flagged" in done.output


def test_selftest_leaves_out_what_a_single_document_can_not_show(place: Path) -> None:
    mine = [line for line in LINES if "hill.txt" not in json.dumps(line)]
    write_set(place / "set.jsonl", mine)
    done = qa_eval("selftest", "--questions", "set.jsonl", "--documents", "docs/river.txt", "--cache", "cache")
    assert "of 22 faults caught" in done.output, done.output
    assert "not tried, since a single document" in done.output
    assert "another document, wrong document cited" in done.output


def test_verify_judges_a_claim_set_and_keeps_the_run(place: Path) -> None:
    evidence = [{"document": "青河", "sentences": ["青河全长120公里。"]}]
    common = {"lang": "zh", "evidence": evidence}
    true = {"id": "a", "claim": "青河全长120公里。", "supported": True}
    false = {"id": "b", "claim": "青河全长90公里。", "supported": False, "kind": "figure"}
    write_set(place / "claims.jsonl", [true | common, false | common])
    done = qa_eval("verify", "claims.jsonl", "--rules", "--json", "out.json", "--html", "out.html")
    assert done.exit_code == OK, done.output
    assert "zh figure" in done.output
    assert "retr@5" not in done.output  # what no claim has is no column
    assert load(place / "out.json").summary["all"]["correct"] == 1.0
    assert "青河全长90公里" in (place / "out.html").read_text("utf-8")


def test_verify_names_a_file_that_is_no_claim_set(place: Path) -> None:
    done = qa_eval("verify", "set.jsonl")
    assert done.exit_code == UNFIT
    assert "set.jsonl:1: lang: Field required" in done.output
