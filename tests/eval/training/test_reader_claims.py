"""What the second task is trained on: claims, and whether their evidence says the same."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from eval.training.reader.edits import edited_claims
from eval.training.reader.encode import encode_groups, tokenizer
from eval.training.reader.groups import NEGATIVE, POSITIVE
from eval.training.reader.pairs import Document
from eval.training.reader.support import claim_groups, quoted_claims, read_claims
from qa.reader.inputs import MAX_TOKENS

EVIDENCE = {"zh": "2023年柳湾水库蓄水量为412万吨。", "en": "A plot costs £40 a year."}


def public(folder: Path, name: str, rows: Sequence[tuple[str, str, str, str, str]]) -> None:
    """Write a public set: language, evidence, claim, label, split."""
    with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
        for number, (language, evidence, claim, label, split) in enumerate(rows):
            row = {"id": f"r{number}", "lang": language, "evidence": evidence, "claim": claim, "label": label}
            file.write(json.dumps({**row, "split": split, "ship": "yes"}, ensure_ascii=False) + "\n")


def test_both_kinds_of_claims_come_alike_often_and_test_rows_not_at_all(tmp_path: Path) -> None:
    rows = [("zh", EVIDENCE["zh"], f"水库蓄水{n}万吨。", "contradicted", "train") for n in range(4)]
    rows += [("en", EVIDENCE["en"], f"A plot costs £{n}.", "not_enough", "train") for n in range(4)]
    rows += [
        ("en", EVIDENCE["en"], "A plot is £40 a year.", "supported", split) for split in ("train",) * 3 + ("test",)
    ]
    public(tmp_path, "both", rows)
    made = list(claim_groups(tmp_path, "both", "train", 6, tokenizer()))
    assert Counter(group.answerable for group in made) == {True: 3, False: 3}
    assert "r11" not in {group.id for group in made}
    assert {group.task for group in made} == {"supports"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_evidence_that_is_not_read_whole_is_left_out(tmp_path: Path, language: str) -> None:
    long = EVIDENCE[language] * MAX_TOKENS
    public(
        tmp_path,
        "long",
        [(language, long, "412", "supported", "train"), (language, "short", "412", "supported", "train")],
    )
    assert [group.id for group in claim_groups(tmp_path, "long", "train", 9, tokenizer())] == ["r1"]


def written(folder: Path, of: str, evidence: str) -> Path:
    folder.mkdir()
    claims = [
        {"claim": "A plot is £40 for a year.", "lang": "en", "kind": "true"},
        {"claim": "一块地一个月40英镑。", "lang": "zh", "kind": "unit"},
    ]
    line = {"of": of, "evidence": [evidence], "claims": claims}
    (folder / "one.jsonl").write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder


def test_a_written_claim_is_read_with_its_evidence_under_its_title(tmp_path: Path, documents: list[Document]) -> None:
    made = list(read_claims(written(tmp_path / "claims", "d2", EVIDENCE["en"]), documents))
    assert [(g.kind, g.language, g.passages[0].labels) for g in made] == [
        ("claim:supported", "en", (POSITIVE,)),
        ("claim:unit", "zh", (NEGATIVE,)),
    ]
    encode = tokenizer()
    tokens = encode_groups(encode, made[:1]).tokens.tolist()
    asked = encode("claim: A plot is £40 for a year.")
    assert tokens == [0, *asked, 2, 2, *encode("Hillside allotments:"), *encode(EVIDENCE["en"]), 2]


def test_claims_over_documents_that_are_kept_out_are_left_out(tmp_path: Path, documents: list[Document]) -> None:
    assert not list(read_claims(written(tmp_path / "claims", "d2", EVIDENCE["en"]), documents[:2]))


def test_evidence_that_is_no_sentence_of_the_document_is_an_error(tmp_path: Path, documents: list[Document]) -> None:
    with pytest.raises(ValueError, match="A plot costs £41"):
        list(read_claims(written(tmp_path / "claims", "d2", "A plot costs £41 a year."), documents))


def test_claims_are_made_of_what_documents_say_word_for_word(documents: list[Document]) -> None:
    made = quoted_claims(documents, 3)
    true = [group for group in made if group.kind == "claim:supported"]
    assert true
    assert all(group.answerable for group in true)
    for group in true:
        (passage,) = group.passages
        said = group.question.removeprefix("- ").rpartition("：")[2].rpartition(": ")[2].rstrip("。.")
        assert said.removeprefix("根据资料，").removeprefix("According to the report, ") in passage.text
    false = [group for group in made if not group.answerable]
    assert {"claim:uncited", "other number"} <= {group.kind for group in false}
    assert {group.task for group in made} == {"supports"}
    for group in false:
        assert group.question not in group.passages[0].text
    assert made == quoted_claims(documents, 3)


def test_a_figure_is_exchanged_for_another_of_the_evidence() -> None:
    text = "柳湾水库蓄水量为412万吨。全年供水天数为310天。水库周围有19座泵房。放水闸门共有27座。"
    made = quoted_claims([Document("d", "zh", "柳湾水库简报", text, ())], 3)
    swapped = [group for group in made if group.kind == "claim:swapped"]
    assert swapped
    for group in swapped:
        (passage,) = group.passages
        assert all(number in passage.text for number in re.findall(r"\d+", group.question))
        assert group.question not in passage.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_parts_of_sentences_come_true_and_with_one_thing_exchanged(documents: list[Document], language: str) -> None:
    some = [document for document in documents if document.language == language]
    made = edited_claims(some, 1)
    assert made == edited_claims(some, 1)
    assert {group.language for group in made} == {language}
    true = {group.id: group for group in made if group.answerable}
    false = [group for group in made if not group.answerable]
    assert true
    assert len(false) >= len(true) / 2
    exchanged = [group for group in false if group.id.endswith("-exchanged")]
    assert exchanged
    for group in exchanged:  # the same evidence, and the same words but for one
        of = true[group.id.removesuffix("-exchanged")]
        assert group.question != of.question
        assert group.passages[0].sentences == of.passages[0].sentences
    for group in true.values():
        figures = re.findall(r"\d{2,}", group.question)
        assert all(figure in group.passages[0].text for figure in figures), group
