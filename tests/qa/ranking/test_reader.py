"""The reader as the ranker: what it reads, how its scores rank and judge, and what can't be loaded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from qa.errors import RankerError
from qa.pipeline import QA, build
from qa.question.query import Query
from qa.ranking import load_ranker
from qa.ranking.reader.calibration import SIGNALS, Calibration
from qa.ranking.reader.doubts import put_back
from qa.ranking.reader.ranker import MOST_PASSAGES, MOST_TOKENS, PASSAGE_TOKENS, ReaderRanker, Reading
from qa.reader import inputs
from qa.reader.model import Reader
from qa.settings import Settings
from qa.types import Turn
from tests.support.tiny_reader import save_calibration, save_tiny_reader
from vectorstore.embeddings.bundled.token_encoder import TokenEncoder
from vectorstore.library import Library
from vectorstore.reading import RawDocument
from vectorstore.types import StoredPassage

QUESTION = "青山县选派了多少名农技员？"


class Recorder(TokenEncoder):
    """The encoder, and what it was given last."""

    given: Sequence[Sequence[int]] = ()

    def encode(self, sequences: Sequence[Sequence[int]]) -> list[np.ndarray]:
        self.given = sequences
        return super().encode(sequences)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_reader(tmp_path_factory.mktemp("reader") / "tiny.npz")


@pytest.fixture(scope="module")
def encoder(weights: Path) -> Recorder:
    return Recorder(weights, weights.parent)


def fitted(encoder: TokenEncoder, reader: float, linear: float, offset: float) -> Calibration:
    return Calibration(encoder.weights_hash, "", (reader, linear), dict.fromkeys(SIGNALS, 0.0), offset)


def retrieved(qa: QA, query: Query) -> list[StoredPassage]:
    return [candidate.stored for candidate in qa.retriever.retrieve(query)]


def reading(qa: QA, encoder: TokenEncoder, query: Query, compared: int = 1) -> Reading:
    return ReaderRanker(qa.library, Reader(encoder), Reader(encoder), None).read(
        query, query.parts[0], retrieved(qa, query), compared
    )


def test_it_reads_the_passages_with_the_best_sentences_of_the_linear_model(qa: QA, encoder: Recorder) -> None:
    query = qa.analyser.analyse(QUESTION)
    found = reading(qa, encoder, query)
    passages = retrieved(qa, query)
    numbers = [at for at, stored in enumerate(passages) for _ in stored.passage.sentences]
    best = {at: max(s for s, n in zip(found.judged.scores, numbers, strict=True) if n == at) for at in set(numbers)}
    order = sorted(best, key=lambda at: -best[at])
    assert 1 < len(encoder.given) <= MOST_PASSAGES < len(passages)
    assert sum(map(len, encoder.given)) <= MOST_TOKENS
    for at, tokens in zip(order, encoder.given, strict=False):
        stored = passages[at]
        texts = [sentence.text for sentence in stored.passage.sentences]
        (part,) = query.parts
        asked = part.focus if stored.document_id in part.documents else QUESTION
        pieces = inputs.cut(encoder.tokens, asked, "", stored.title, stored.passage.section, texts)
        assert list(tokens) == pieces.joined(0, PASSAGE_TOKENS).tokens
    read = {n for n, yes in zip(numbers, found.read, strict=True) if yes}
    assert read == set(order[: len(encoder.given)])


@pytest.mark.parametrize(
    ("question", "asked", "name"),
    [
        ("青禾县的财政收入是多少？", "财政收入是多少?", "青禾县"),
        ("What was Tarnwick's net profit?", "What was Tarnwick's net profit?", "tarnwick"),
    ],
)
def test_a_named_document_is_read_under_title_and_name_and_in_chinese_without_it_in_the_question(
    tmp_path: Path, library: Library, encoder: Recorder, question: str, asked: str, name: str
) -> None:
    records = {
        "a.md": "# 年度总结\n青禾县在省的北部。\n\n## 财务\n财政收入为3.2亿元，比上年多0.4亿元。"
        "\n\n## 附表\n\n| 县 | 收入 |\n| --- | --- |\n| 青禾县 | 3.2 |\n| 栗山县 | 1.7 |",
        "b.md": "# 半年情况\n栗山县在省的南部。\n\n## 财务\n财政收入为1.7亿元，比上年少0.2亿元。",
        "c.md": "# The year in review\nTarnwick Mills makes carpets.\n\n## Results\nNet profit was 3.2 million pounds."
        "\n\n## Table\n\n| Mill | Profit |\n| --- | --- |\n| Tarnwick | 3.2 |\n| Oldcastle | 0.7 |",
        "d.md": "# Half a year\nOldcastle Ferries runs two boats.\n\n## Results\nNet profit was 0.7 million pounds.",
    }
    with Library.open(tmp_path, library.embedder) as opened:
        opened.ingest(RawDocument.of(file, text) for file, text in records.items())
        qa = QA(opened, Settings(answerer="extractive"))
        query = qa.analyser.analyse(question)
        (part,) = query.parts
        named = [stored for stored in retrieved(qa, query) if stored.document_id in part.documents]
        ReaderRanker(opened, Reader(encoder), Reader(encoder), None).read(query, part, named, 1)
    assert {name in stored.passage.text.lower() for stored in named} == {True, False}
    for stored in named:
        tabled = "|" in stored.passage.text  # it has the name in a row, beside another
        read = (question, "", stored.title) if tabled else (asked, "", f"{stored.title}，{name}")
        head = inputs.cut(encoder.tokens, *read, stored.passage.section, []).head
        assert any(list(tokens)[: len(head)] == head for tokens in encoder.given)
    assert any("|" in stored.passage.text for stored in named)


def test_documents_compared_share_what_is_read(qa: QA, encoder: Recorder) -> None:
    query = qa.analyser.analyse(QUESTION)
    for compared in (2, 4, 8):
        reading(qa, encoder, query, compared)
        assert len(encoder.given) == max(1, MOST_PASSAGES // compared)


def test_log_odds_are_the_head_s_of_the_mean_and_the_largest_of_a_sentence_s_vectors(qa: QA, encoder: Recorder) -> None:
    found = reading(qa, encoder, qa.analyser.analyse(QUESTION))
    tokens = list(encoder.given[0])
    (states,) = encoder.encode([tokens])
    first = next(
        sentence
        for stored in retrieved(qa, qa.analyser.analyse(QUESTION))
        for sentence in stored.passage.sentences
        if encoder.tokens(sentence.text) == tokens[-1 - len(encoder.tokens(sentence.text)) : -1]
    )
    own = states[-1 - len(encoder.tokens(first.text)) : -1]
    expected = encoder.head_weight @ np.concatenate([own.mean(0), own.max(0)]) + encoder.head_bias
    assert np.isclose(found.log_odds[found.read], expected, atol=1e-4).any()


def test_both_models_rank_and_what_was_not_read_stands_behind(qa: QA, encoder: Recorder) -> None:
    query = qa.analyser.analyse(QUESTION)
    passages = retrieved(qa, query)
    found = reading(qa, encoder, query)
    scores = ReaderRanker(qa.library, Reader(encoder), Reader(encoder), fitted(encoder, 2.0, 0.5, 0.0)).score(
        query, query.parts[0], passages, 1
    )[0]
    read = found.read
    assert 0 < read.sum() < len(read)
    both = put_back(2.0 * found.log_odds + 0.5 * found.judged.scores, found.away)
    assert scores[read] == pytest.approx(both[read])
    assert scores[~read].max() < scores[read].min()
    assert np.array_equal(np.argsort(-scores[~read]), np.argsort(-found.judged.scores[~read]))


def test_a_follow_up_is_read_as_it_stands_alone(qa: QA, encoder: Recorder) -> None:
    history = [Turn(role="user", content=QUESTION), Turn(role="assistant", content="86名。")]
    query = qa.analyser.analyse("白河市呢？", history)
    assert query.follow_up
    reading(qa, encoder, query)
    asked = encoder.tokens(inputs.question_text(query.text))
    assert "农技员" in query.text
    assert list(encoder.given[0][1 : 1 + len(asked)]) == asked


def test_the_probability_is_calibrated(qa: QA, encoder: Recorder) -> None:
    def probability(offset: float) -> float:
        query = qa.analyser.analyse(QUESTION)
        ranker = ReaderRanker(qa.library, Reader(encoder), Reader(encoder), fitted(encoder, 0.0, 1.0, offset))
        return ranker.score(query, query.parts[0], retrieved(qa, query), 1).probability

    assert probability(2.0) == pytest.approx(1 / (1 + np.exp(-2.0)))
    assert probability(-2.0) == pytest.approx(1 / (1 + np.exp(2.0)))


def test_signals_are_log_odds(qa: QA, encoder: Recorder) -> None:
    found = reading(qa, encoder, qa.analyser.analyse(QUESTION))
    best = int(np.nanargmax(found.log_odds))
    signals = found.signals(best)
    assert signals["best"] == found.log_odds[best]
    assert signals["any"] == pytest.approx(np.log(np.exp(found.log_odds[found.read]).sum()))
    assert signals["any"] >= signals["best"]
    assert signals["linear"] == found.judged.answerable[best]
    assert signals["length"] == pytest.approx(np.log(len(encoder.tokens(QUESTION))))
    longer = reading(qa, encoder, qa.analyser.analyse(f"{QUESTION.rstrip('？')}，麻烦您帮我查一下？"))
    assert longer.signals(best)["length"] > signals["length"]


def test_the_judge_reads_the_question_as_a_claim_beside_the_best_sentence(qa: QA, weights: Path) -> None:
    judge, query = Recorder(weights, weights.parent), qa.analyser.analyse(QUESTION)
    passages = retrieved(qa, query)
    reads = Reader(TokenEncoder(weights, weights.parent))
    found = ReaderRanker(qa.library, reads, Reader(judge), None).read(query, query.parts[0], passages, 1)
    assert not judge.given  # only once it is known which sentence comes first
    first = next(at for at, stored in enumerate(passages) if len(stored.passage.sentences) > 2)
    texts = [sentence.text for sentence in passages[first].passage.sentences][:3]
    best = sum(len(stored.passage.sentences) for stored in passages[:first]) + 1
    signal = found.judge(best)
    ((tokens,),) = [judge.given]
    claim = judge.tokens(inputs.claim_text(QUESTION))
    assert list(tokens[1 : 1 + len(claim)]) == claim
    evidence = judge.tokens("".join(texts))
    assert list(tokens[-1 - len(evidence) : -1]) == evidence
    judge.given = ()
    assert found.judge(best) == signal
    assert not judge.given  # read once


def test_the_judge_is_asked_only_where_it_can_change_the_answer() -> None:
    weights = dict.fromkeys(SIGNALS, 0.0) | {"best": 1.0, "judge": 0.5}
    sure = Calibration("", "", (1.0, 0.0), weights, 0.0)
    asked: list[float] = []

    def probability(best: float, says: float) -> float:
        return sure.probability({"best": best}, lambda: asked.append(says) or says)

    assert probability(4.1, -100.0) > 0.5  # at its lowest it would take 4 away
    assert probability(-2.3, 100.0) < 0.5
    assert not asked
    assert probability(1.0, -3.0) == pytest.approx(1 / (1 + np.exp(0.5)))
    assert probability(3.9, -100.0) < 0.5
    assert asked == [-3.0, -100.0]


def test_the_settings_choose_it(library: Library, weights: Path, tmp_path: Path) -> None:
    qa = build(Settings(answerer="extractive", ranker=f"reader:{weights}", data_dir=tmp_path), library)
    assert qa.ranker.name == "reader"
    assert qa.ask(QUESTION).question == QUESTION
    made = [path.name.split("-")[0] for path in (tmp_path / "models").iterdir()]
    assert made == ["reader", "reader"]  # and the judge


def test_missing_weights_are_named_with_the_way_out(library: Library, tmp_path: Path) -> None:
    with pytest.raises(RankerError, match=r"trained weights .*nowhere\.npz can't be read.*QA_RANKER=linear"):
        load_ranker(f"reader:{tmp_path / 'nowhere.npz'}", library, tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "can't be read"), ("{", "is no calibration"), ('{"rank": 1}', "is no calibration"), ("[]", "is no cal")],
)
def test_a_calibration_that_is_missing_or_damaged_is_named(
    library: Library, weights: Path, tmp_path: Path, text: str | None, said: str
) -> None:
    own = tmp_path / "own.npz"
    own.write_bytes(weights.read_bytes())
    if text is not None:
        own.with_suffix(".json").write_text(text, encoding="utf-8")
    with pytest.raises(RankerError, match=rf"own\.json {said}.*QA_RANKER=linear"):
        load_ranker(f"reader:{own}", library, weights.parent)


def test_a_calibration_of_other_weights_is_refused(library: Library, tmp_path: Path) -> None:
    weights = save_tiny_reader(tmp_path / "tiny.npz")
    save_calibration(tmp_path / "tiny.json", "00" * 32)
    with pytest.raises(RankerError, match=r"tiny\.json belongs to other weights.*QA_RANKER=linear"):
        load_ranker(f"reader:{weights}", library, tmp_path)


def test_a_calibration_of_another_judge_is_refused(library: Library, tmp_path: Path) -> None:
    weights = save_tiny_reader(tmp_path / "tiny.npz")
    value = json.loads((tmp_path / "tiny.json").read_text("utf-8"))
    value["signals"]["judge"] = 0.3
    (tmp_path / "tiny.json").write_text(json.dumps(value | {"judge_sha256": "00" * 32}), encoding="utf-8")
    with pytest.raises(RankerError, match=r"tiny\.json belongs to other weights.*QA_RANKER=linear"):
        load_ranker(f"reader:{weights}", library, tmp_path)


def test_a_long_passage_is_cut_to_whole_sentences_around_the_wanted_one(encoder: Recorder) -> None:
    texts = [f"第{number}号水库今年的蓄水量和去年相比没有多少变化。" for number in range(30)]
    pieces = inputs.cut(encoder.tokens, "问什么", "", "题", "节", texts)
    made = pieces.joined(20, 100)
    assert 20 in made.kept
    assert 60 < sum(end - start for start, end in made.bounds) <= 100
    for at, (start, end) in zip(made.kept, made.bounds, strict=True):
        assert made.tokens[start:end] == encoder.tokens(texts[at])
    whole = pieces.joined(20, 10_000)
    assert len(whole.kept) == 30
    assert pieces.joined(3, 5).bounds == [(len(pieces.head), len(pieces.head) + 5)]
