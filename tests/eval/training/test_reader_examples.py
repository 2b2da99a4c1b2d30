"""What the reader is trained on: labels, near misses, tokens."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random

import numpy as np
import pytest

from eval.training.reader import groups as records
from eval.training.reader import misses
from eval.training.reader.encode import Encoded, encode_groups, encode_passage, tokenizer
from eval.training.reader.groups import IGNORED, NEGATIVE, POSITIVE, Group, LabelledPassage
from eval.training.reader.misses import Names, near_misses
from eval.training.reader.mixture import Shares, as_typed, held_out, mixture, split_own
from eval.training.reader.pairs import Document, pair_groups, read_pairs
from eval.training.reader.public import test_groups as measured_groups
from eval.training.reader.public import train_groups
from qa.reader.inputs import MAX_TOKENS

CONTEXT = "青川塔建于1932年。塔高48米。它由刘远设计。1932年的冬天很冷。"


def group(question: str, *sentences: str, answer: int = 0, title: str = "", language: str = "zh") -> Group:
    labels = tuple(POSITIVE if at == answer else NEGATIVE for at in range(len(sentences)))
    passage = LabelledPassage(title, "", sentences, labels)
    return Group("q", "test", language, "plain", question, (passage,))  # type: ignore[arg-type]


def test_a_pair_gives_a_question_with_its_sentence_and_a_near_miss_with_none(documents: list[Document]) -> None:
    made = list(pair_groups(documents, 0))
    assert len(made) == 16
    assert [g.answerable for g in made[:2]] == [True, False]
    passage = made[0].passages[0]
    positive = [s for s, label in zip(passage.sentences, passage.labels, strict=True) if label == POSITIVE]
    assert positive == ["2023年柳湾水库蓄水量为412万吨。"]
    assert made[1].kind == "written:year"


def test_questions_in_the_other_language_go_with_their_document(tmp_path: Path, documents: list[Document]) -> None:
    answer = documents[0].pairs[0].answers[0]
    asked = {"question": "How much water does Liuwan hold?", "answer": answer, "near_miss": "How deep is Liuwan?"}
    lines = [{"of": id, "lang": "en", "pairs": [{**asked, "change": "attribute"}]} for id in ("d0", "nobody's")]
    first = tmp_path / "pairs" / "another.jsonl"
    first.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    read = read_pairs([tmp_path / "pairs"])
    assert [(d.id, len(d.pairs)) for d in read] == [("d0", 3), ("d1", 2), ("d2", 2), ("d3", 2)]
    made = [g for g in pair_groups(read, 0) if g.question == asked["question"]]
    assert [any(p.answers for p in g.passages) for g in made] == [True]


def test_a_title_that_the_question_needs_is_kept(documents: list[Document]) -> None:
    bare = {g.question: g.passages[0].title for g in pair_groups(documents, 1)}
    assert bare["how many passengers in 2022"] != "Tarn ferry"
    pair = replace(documents[0].pairs[0], question="柳湾水库简报里蓄水多少？")
    assert next(pair_groups([replace(documents[0], pairs=(pair,))], 1)).passages[0].title == "柳湾水库简报"


def test_what_lies_near_in_other_documents_stands_beside_in_the_third_round(documents: list[Document]) -> None:
    other = Document("d9", "zh", "青石水库简报", "2023年青石水库蓄水量为98万吨。", ())
    pair = replace(documents[0].pairs[0], question="柳湾水库2023年蓄水多少？", near_miss="柳湾水库2021年蓄水多少？")
    first = replace(documents[0], pairs=(pair, replace(pair, question="2023年蓄水多少？")))
    named, missed, unnamed = islice(pair_groups([first, *documents[1:], other], 2), 3)
    assert [passage.title for passage in named.passages] == ["柳湾水库简报", "青石水库简报"]
    assert [passage.title for passage in missed.passages] == ["柳湾水库简报", "青石水库简报"]
    assert not named.passages[1].answers
    assert [passage.title for passage in unnamed.passages] == ["柳湾水库简报"], "the other answers it as well"


def test_of_a_long_document_the_passages_nearest_to_the_question_come_along(documents: list[Document]) -> None:
    rows = [f"第{n}泵站的机组于{1950 + n}年建成。" + "站内有值班人员和检修人员各若干名。" * 18 for n in range(1, 10)]
    answer = "第4泵站的机组检修费用为九万元。"
    text = "\n\n".join([*rows, answer + "附近住户不多，出行不便。" * 28])
    pair = replace(documents[0].pairs[0], question="第4泵站检修费用", answers=(answer,), near_miss="第7泵站检修费用")
    named, missed = pair_groups([replace(documents[0], text=text, pairs=(pair,))], 0)
    assert len(named.passages) == len(missed.passages) == 4
    assert [passage.answers for passage in named.passages] == [True, False, False, False]
    assert any("第4泵站" in passage.text for passage in named.passages[1:])
    assert any("第7泵站" in passage.text for passage in missed.passages)


def test_which_row_comes_first_is_told_by_no_row_alone(documents: list[Document]) -> None:
    rows = "| 水库 | 蓄水量 |\n| --- | --- |\n| 柳湾 | 412 |\n| 青石 | 98 |\n| 三桥 | 77 |"
    text = f"各水库情况如下。\n\n{rows}\n\n以上数据来自水文站。"
    pair = replace(documents[0].pairs[0], question="哪个水库蓄水量最大？", answers=("| 柳湾 | 412 |",))
    plain = replace(pair, question="柳湾蓄水多少？")
    first, _, second, _ = pair_groups([replace(documents[0], text=text, pairs=(pair, plain))], 0)
    labels = [{s.splitlines()[-1]: label for s, label in zip(p.sentences, p.labels, strict=True)} for p in
              (*first.passages, *second.passages)]  # fmt: skip
    asked, named = labels
    told = [(asked[row], named[row]) for row in asked if "|" in row]
    assert told == [(POSITIVE, POSITIVE), (IGNORED, NEGATIVE), (IGNORED, NEGATIVE)]
    assert asked["以上数据来自水文站。"] == NEGATIVE


def test_what_a_mixture_dwells_on_is_taken_whole(
    tmp_path: Path, documents: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.training.reader.mixture.TRAINED", {})
    chosen = next(d for d in documents if not held_out(d.id))
    shares = Shares(rounds=1, again=frozenset([chosen.id]), beside=0.0)
    found, _ = mixture(tmp_path, [], documents, [], [], 1, shares)
    assert [group.id for group in found] == 2 * [g.id for g in pair_groups([chosen], 0)]


def reading(folder: Path, **changes: object) -> Path:
    start = CONTEXT.index("1932年")
    row = {"id": "r1", "lang": "zh", "title": "青川塔", "context": CONTEXT, "question": "青川塔建于哪一年？"}
    row |= {"answers": [{"start": start, "text": "1932年"}], "split": "train", "ship": "yes", **changes}
    rows = [row, row | {"id": "r2", "question": "塔里有几级台阶？", "answers": []}]
    with gzip.open(folder / "zh.small.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in rows)
    return folder


def test_a_span_labels_its_sentence_and_leaves_out_another_with_the_same_words(tmp_path: Path) -> None:
    made = {g.id: g for g in train_groups(reading(tmp_path), "zh.small", 10)}
    assert made["r1"].passages[0].labels == (POSITIVE, NEGATIVE, NEGATIVE, IGNORED)
    assert not made["r2"].answerable


def test_beside_the_answer_stand_the_nearest_passages_that_do_not_hold_it(tmp_path: Path) -> None:
    towers = ["青川塔", "白石塔", "柳湾塔", "沙洲塔", "云岭塔", "石桥塔", "松坪塔", "河口塔"]
    rows = []
    for number, tower in enumerate(towers):
        context = f"{tower}建于{1900 + number}年。塔高{40 + number}米。旁边是{towers[number - 1]}。"
        answer = {"start": context.index("建于") + 2, "text": f"{1900 + number}年"}
        row = {"id": f"r{number}", "lang": "zh", "title": tower, "context": context, "question": f"{tower}建于哪一年？"}
        rows.append(row | {"answers": [answer], "split": "train", "ship": "yes"})
    with gzip.open(tmp_path / "zh.towers.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in rows)
    made = list(train_groups(tmp_path, "zh.towers", 10))
    beside = [g for g in made if g.answerable and len(g.passages) > 1]
    elsewhere = [g for g in made if g.kind == "elsewhere"]
    assert beside
    assert elsewhere
    for one in (*beside, *elsewhere):
        number = int(one.id.removeprefix("r"))
        others = [passage for passage in one.passages if not passage.answers]
        assert others[0].title == towers[(number + 1) % len(towers)], "it names the tower"
        assert not any(f"{1900 + number}年" in passage.text for passage in others)


@pytest.mark.parametrize("changes", [{"split": "test"}, {"ship": "no"}])
def test_rows_that_only_measure_are_not_trained_on(tmp_path: Path, changes: dict[str, object]) -> None:
    assert list(train_groups(reading(tmp_path, **changes), "zh.small", 10)) == []
    assert len(list(measured_groups(reading(tmp_path, **changes), "zh.small"))) == 2 * (changes == {"split": "test"})


def test_examples_are_read_as_they_were_written(tmp_path: Path, documents: list[Document]) -> None:
    made = list(pair_groups(documents, 0))
    records.write(tmp_path / "a.gz", made)
    records.write(tmp_path / "b.gz", made)
    assert records.read(tmp_path / "a.gz") == made
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_another_year_is_one_that_the_passage_does_not_name() -> None:
    one = group("2023年蓄水多少？", "2023年蓄水412万吨，2022年蓄水400万吨，2024年计划430万吨。")
    miss = misses.other_year(one, Random(1), Names([one]))
    assert miss is not None
    assert not miss.answerable
    assert miss.question.endswith("年蓄水多少？")
    assert miss.question[:4] not in one.passages[0].text


def test_a_year_that_the_passage_does_not_name_is_not_changed() -> None:
    one = group("2023年蓄水多少？", "全年蓄水412万吨。")
    assert misses.other_year(one, Random(1), Names([one])) is None


def test_the_evidence_is_taken_out() -> None:
    one = group("食堂几点开门？", "食堂早上7点开门。", "周日不开放。")
    miss = misses.without_evidence(one, Random(1), Names([one]))
    assert miss is not None
    assert miss.passages[0].sentences == ("周日不开放。",)
    assert misses.without_evidence(group("问", "只有一句。"), Random(1), Names([one])) is None


def test_another_title_needs_a_subject_that_only_the_title_names() -> None:
    one = group("青岭县有几家企业？", "规模以上企业73家。", title="青岭县工作报告")
    other = group("石门县有几条河？", "有三条河。", title="石门县工作报告")
    miss = misses.other_title(one, Random(1), Names([one, other]))
    assert miss is not None
    assert miss.passages[0].title == "石门县工作报告"
    said = group("青岭县有几家企业？", "青岭县规模以上企业73家。", title="青岭县工作报告")
    assert misses.other_title(said, Random(1), Names([said, other])) is None
    assert misses.other_title(one, Random(1), Names([])) is None, "no document to take a title from"


def test_a_name_exchanged_everywhere_is_still_answered() -> None:
    towns = [f"{name}市" for name in ("北京", "上海", "天津", "重庆", "广州", "深圳", "杭州")]
    pool = [group(f"{town}有几条河？", "有三条河。") for town in towns]
    one = group("北京市有多少人？", "北京市有2100万人。")
    made = misses.renamed(one, Random(3), Names(pool))
    missed = misses.other_name(one, Random(3), Names(pool))
    assert made is not None
    assert missed is not None
    assert made.answerable
    assert not missed.answerable
    assert "北京市" not in made.question + made.passages[0].text
    assert missed.passages[0].text == one.passages[0].text


def test_near_misses_are_the_same_in_every_run(documents: list[Document]) -> None:
    made = list(pair_groups(documents, 0))
    assert list(near_misses(made, Names(made), 5)) == list(near_misses(made, Names(made), 5))


def test_each_sentence_has_its_tokens() -> None:
    encode = tokenizer()
    passage = LabelledPassage("简报", "一、供水", ("蓄水412万吨。", "供水310天。"), (POSITIVE, NEGATIVE))
    made = encode_passage(encode, "蓄水多少？", "", passage)
    assert [made.tokens[start:end] for start, end in made.bounds] == [encode(s) for s in passage.sentences]
    assert made.tokens[0] == 0
    assert made.tokens[-1] == 2
    assert len(made.tokens) > len(
        encode_passage(encode, "蓄水多少？", "", replace(passage, title="", section="")).tokens
    )
    assert len(made.tokens) < len(encode_passage(encode, "蓄水多少？", "去年呢？", passage).tokens)


def test_a_long_passage_is_cut_around_the_sentence_that_answers() -> None:
    sentences = tuple(f"第{number}号水库今年的蓄水量和去年相比没有多少变化。" for number in range(60))
    labels = tuple(POSITIVE if at == 45 else NEGATIVE for at in range(60))
    made = encode_passage(tokenizer(), "问什么", "", LabelledPassage("题", "", sentences, labels), 45)
    assert len(made.tokens) <= MAX_TOKENS
    assert 45 in made.kept
    assert len(made.bounds) == len(made.kept) < 60


def test_arrays_are_read_as_they_were_written(tmp_path: Path, documents: list[Document]) -> None:
    encoded = encode_groups(tokenizer(), list(pair_groups(documents, 0)))
    encoded.save(tmp_path / "one.npz")
    loaded = Encoded.load(tmp_path / "one.npz")
    assert all(np.array_equal(getattr(encoded, name), getattr(loaded, name)) for name in Encoded.__slots__)
    assert sum(encoded.length(at) for at in range(encoded.size)) == len(encoded.tokens)


def test_a_document_kept_out_is_in_no_example_that_is_trained_on() -> None:
    titles = [f"Report {number}" for number in range(100)]
    kept = {title for title in titles if held_out(title)}
    assert 2 <= len(kept) <= 20
    passages = [LabelledPassage(title, "", ("It rained.",), (POSITIVE,)) for title in titles]
    own = [
        Group(f"q{at}", "own:english/questions.jsonl", "en", "plain", "Rain?", (one, passages[at - 1].unlabelled()))
        for at, one in enumerate(passages)
    ]
    train, valid = split_own(own)
    assert len(train) + len(valid) == len(own)
    assert not kept & {passage.title for group in train for passage in group.passages}
    assert {group.passages[0].title for group in valid} == kept


def test_questions_are_typed_in_several_ways_that_say_nothing_of_the_answer() -> None:
    made = [as_typed(replace(group("Who pays?", "The county pays.", language="en"), id=str(at))) for at in range(200)]
    assert {one.question for one in made} == {"Who pays?", "Who pays", "who pays?", "who pays"}
