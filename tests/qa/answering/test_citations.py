"""Labels become the fewest sentences that support a claim, cut exactly from the raw text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qa.answering.citations import label_passages, resolve
from qa.types import Candidate, Evidence
from qa.verify import verify
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
