"""Labels become the fewest sentences that support a claim, cut exactly from the raw text."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.answering.citations import label_passages, resolve
from qa.types import Candidate, Evidence
from qa.verify import Source, Verifier, verify
from tests.support.passages import candidate
from vectorstore.types import cut


def cited(text: str, shown: tuple[Candidate, ...], *labels: str) -> tuple[Evidence, ...]:
    """The evidence of a sentence that cites these labels."""
    passages = label_passages(shown)
    return resolve(text, [passages[label].stored for label in labels], shown)


def test_labels_follow_the_order_of_the_passages(candidates: tuple[Candidate, ...]) -> None:
    assert list(label_passages(candidates)) == ["P1", "P2", "P3"]
    assert label_passages(candidates)["P2"] is candidates[1]


def test_the_sentence_that_says_it_is_cited_and_no_more(candidates: tuple[Candidate, ...]) -> None:
    (evidence,) = cited("青禾县选派1800余名驻村第一书记和工作队员。", candidates, "P1")
    assert evidence.quote == "选派驻村第一书记和工作队员1800余名。"
    assert cut(candidates[0].stored.passage.text, evidence.spans) == evidence.quote


def test_neighbours_become_one_citation_and_others_do_not(candidates: tuple[Candidate, ...]) -> None:
    (both,) = cited("青禾县选派工作队员1800余名，组织5200余名干部开展结对帮扶。", candidates, "P1")
    assert both.quote == "选派驻村第一书记和工作队员1800余名。组织5200余名干部开展结对帮扶。"
    assert len(both.spans) == 1
    apart = cited("村干部平均年龄下降4.2岁，组织5200余名干部开展结对帮扶。", candidates, "P1")
    assert [len(e.spans) for e in apart] == [1, 1]
    assert [e.quote[:3] for e in apart] == ["换届后", "组织5"]


def test_a_sentence_that_cites_nothing_has_no_evidence(candidates: tuple[Candidate, ...]) -> None:
    assert cited("设立代办点126个。", candidates) == ()


def test_a_label_that_does_not_support_is_not_replaced_by_one_that_does(candidates: tuple[Candidate, ...]) -> None:
    claim = "全区由22个乡镇调整为15个镇街。"
    assert not verify(claim, cited(claim, candidates, "P1")).ok


def test_a_needless_label_is_left_out(candidates: tuple[Candidate, ...]) -> None:
    assert [e.stored.id for e in cited("设立代办点126个。", candidates, "P1", "P3")] == [3]


def test_a_comparison_rests_on_every_passage_that_it_cites(candidates: tuple[Candidate, ...]) -> None:
    claim = "其中最高的是青禾县（96.35%）。"
    both = cited(claim, candidates, "P1", "P2")
    assert [e.stored.id for e in both] == [1, 2]
    assert verify(claim, both).ok
    assert not verify(claim, cited(claim, candidates, "P1")).ok


def test_a_name_at_the_documents_head_supports_a_sentence_further_down() -> None:
    record = (
        candidate(1, "初步诊断：肺炎。给予头孢治疗。", "record.txt", "入院记录"),
        candidate(2, "姓名：孙某某。性别：男。", "record.txt", "入院记录"),
        candidate(3, "姓名：李某某。", "other.txt", "入院记录"),
    )
    claim = "孙某某的初步诊断为肺炎。"
    evidence = cited(claim, record, "P1")
    assert [e.quote for e in evidence] == ["初步诊断：肺炎。", "姓名：孙某某。"]
    assert verify(claim, evidence).ok
    stranger = "李某某的初步诊断为肺炎。"
    assert not verify(stranger, cited(stranger, record, "P1")).ok


class WantsContext:
    """A judge that believes a claim for evidence of so many characters, as the trained one does on the margin."""

    def __init__(self, characters: int) -> None:
        self.characters = characters

    def supports(self, claim: str, sources: Sequence[Source], objections: Collection[str]) -> bool:
        return sum(len(source.text) for source in sources) >= self.characters


ROADS = {
    "zh": (
        "石桥县推进农村建设。道路方面抓住重点。改造危桥7座。全部已经通车。群众出行更方便。组织各镇召开现场会，逐村听取意见并登记在册。",
        "农村危桥改造7座。",
        "改造危桥7座。",
        "道路方面抓住重点。",
    ),
    "en": (
        "The county invests in villages. For roads it had priorities. It mended 7 bridges. All of them are open. "
        "People are content. Town councils met and heard the opinions of every household in turn.",
        "In villages 7 bridges were mended.",
        "It mended 7 bridges.",
        "For roads it had priorities.",
    ),
}
languages = pytest.mark.parametrize("language", ["zh", "en"])


def resolved(language: str, characters: int) -> tuple[list[str], bool]:
    """What is quoted for the claim where the judge wants so many characters, and whether that supports it."""
    text, claim, _, _ = ROADS[language]
    shown = (candidate(1, text, "a.txt", "2023"),)
    verifier = Verifier(WantsContext(characters))
    evidence = resolve(claim, [shown[0].stored], shown, verifier)
    return [item.quote for item in evidence], verifier.verify(claim, evidence).ok


@languages
def test_a_sentence_that_says_too_little_is_cited_with_its_neighbour(language: str) -> None:
    """Not with one further off, which only shares a word with the claim."""
    _, _, said, before = ROADS[language]
    (quote,), ok = resolved(language, len(said) + 3)
    assert ok
    assert quote.replace(" ", "") == f"{before}{said}".replace(" ", "")


@languages
def test_what_shares_nothing_with_a_claim_is_no_evidence_however_long(language: str) -> None:
    """A judge that only all of the passage would convince is convinced by text that has nothing to do with it."""
    text = ROADS[language][0]
    quotes, ok = resolved(language, len(text) - 20)
    assert not ok
    assert not any(text.endswith(quote[-10:]) for quote in quotes)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        (
            "公司在10月募集了10亿元资金。这加强了资金实力，支持了扩张和发展。11月上市。",
            "公司募集了10亿元资金，加强了资金实力，支持了扩张和发展。",
        ),
        (
            "The company raised $10 million in May. It strengthened capital and supported expansion abroad. It listed.",
            "The company raised $10 million, which strengthened capital and supported expansion.",
        ),
    ],
    ids=["zh", "en"],
)
def test_a_neighbour_that_says_the_other_half_is_cited_too(text: str, claim: str) -> None:
    """Also where the judge takes the first half for the whole."""
    shown = (candidate(1, text, "a.txt", "2018"),)
    (evidence,) = resolve(claim, [shown[0].stored], shown, Verifier(WantsContext(1)))
    first, second, _ = (sentence.text for sentence in shown[0].stored.passage.sentences)
    assert evidence.quote == first + second


def test_a_comparison_keeps_one_sentence_of_each_passage_and_none_that_it_can_do_without() -> None:
    shown = (
        candidate(1, "青禾县推进危桥改造，改造工作走在前列。改造危桥9座。", "a.txt", "青禾县"),
        candidate(2, "白石区改造危桥7座。", "b.txt", "白石区"),
    )
    claim = "青禾县推进危桥改造工作，改造危桥9座，多于白石区的7座。"
    evidence = resolve(claim, [one.stored for one in shown], shown, Verifier(WantsContext(1)))
    assert [item.quote for item in evidence] == ["改造危桥9座。", "白石区改造危桥7座。"]


WORDS = """
青禾县 白石区 一肩挑 占比 96.35% 88.1% 选派 1800余名 工作队员 5200余名 干部 减幅 32% 22个 乡镇 代办点 126个 最高 ， 。
"""
CLAIMS = st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=10).map("".join)


@given(claim=CLAIMS, labels=st.lists(st.sampled_from(["P1", "P2", "P3"]), max_size=5, unique=True))
def test_every_citation_cuts_from_the_raw_text(claim: str, labels: list[str]) -> None:
    texts = [
        "换届后“一肩挑”占比达96.35%。选派工作队员1800余名。",
        "占比达88.1%。全区22个乡镇减幅达32%。",
        "设立代办点126个。",
    ]
    passages = tuple(candidate(n, text, f"{n}.txt", f"第{n}份") for n, text in enumerate(texts, start=1))
    evidence = cited(claim, passages, *labels)
    assert {f"P{e.stored.id}" for e in evidence} <= set(labels)
    for item in evidence:
        assert cut(item.stored.passage.text, item.spans) == item.quote
        assert item.quote
