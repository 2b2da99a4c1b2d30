"""Labels become the fewest sentences that support a claim, cut exactly from the raw text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qa.answering.citations import label_passages, resolve
from qa.types import Candidate, DraftSentence
from qa.verify import verify
from tests.support.passages import candidate
from vectorstore.types import cut


def draft(text: str, *labels: str) -> DraftSentence:
    return DraftSentence(text, labels=labels)


def test_labels_follow_the_order_of_the_passages(candidates: tuple[Candidate, ...]) -> None:
    assert list(label_passages(candidates)) == ["P1", "P2", "P3"]
    assert label_passages(candidates)["P2"] is candidates[1]


def test_the_sentence_that_says_it_is_cited_and_no_more(candidates: tuple[Candidate, ...]) -> None:
    resolved = resolve(draft("青禾县选派1800余名驻村第一书记和工作队员。", "P1"), candidates)
    assert [e.quote for e in resolved.evidence] == ["选派驻村第一书记和工作队员1800余名。"]
    assert cut(candidates[0].stored.passage.text, resolved.evidence[0].spans) == resolved.evidence[0].quote
    assert resolved.unknown == 0


def test_neighbours_become_one_citation_and_others_do_not(candidates: tuple[Candidate, ...]) -> None:
    both = resolve(draft("青禾县选派工作队员1800余名，组织5200余名干部开展结对帮扶。", "P1"), candidates)
    assert [e.quote for e in both.evidence] == ["选派驻村第一书记和工作队员1800余名。组织5200余名干部开展结对帮扶。"]
    assert len(both.evidence[0].spans) == 1
    apart = resolve(draft("村干部平均年龄下降4.2岁，组织5200余名干部开展结对帮扶。", "P1"), candidates)
    assert [len(e.spans) for e in apart.evidence] == [1, 1]
    assert [e.quote[:3] for e in apart.evidence] == ["换届后", "组织5"]


def test_unknown_labels_are_counted_and_dropped(candidates: tuple[Candidate, ...]) -> None:
    resolved = resolve(draft("设立代办点126个。", "P9", "P3", "7"), candidates)
    assert resolved.unknown == 2
    assert {e.stored.id for e in resolved.evidence} == {3}
    assert resolve(draft("设立代办点126个。", "P9"), candidates).evidence == ()
    assert resolve(draft("设立代办点126个。"), candidates).evidence == ()


def test_a_label_that_does_not_support_is_not_replaced_by_one_that_does(candidates: tuple[Candidate, ...]) -> None:
    claim = "全区由22个乡镇调整为15个镇街。"
    resolved = resolve(draft(claim, "P1"), candidates)
    assert not verify(claim, resolved.evidence).ok


def test_a_needless_label_is_left_out(candidates: tuple[Candidate, ...]) -> None:
    resolved = resolve(draft("设立代办点126个。", "P1", "P3"), candidates)
    assert [e.stored.id for e in resolved.evidence] == [3]


def test_a_comparison_rests_on_every_passage_that_it_cites(candidates: tuple[Candidate, ...]) -> None:
    claim = "其中最高的是青禾县（96.35%）。"
    resolved = resolve(draft(claim, "P1", "P2"), candidates)
    assert [e.stored.id for e in resolved.evidence] == [1, 2]
    assert verify(claim, resolved.evidence).ok
    assert not verify(claim, resolve(draft(claim, "P1"), candidates).evidence).ok


def test_a_name_at_the_documents_head_supports_a_sentence_further_down() -> None:
    record = (
        candidate(1, "初步诊断：肺炎。给予头孢治疗。", "record.txt", "入院记录"),
        candidate(2, "姓名：孙某某。性别：男。", "record.txt", "入院记录"),
        candidate(3, "姓名：李某某。", "other.txt", "入院记录"),
    )
    claim = "孙某某的初步诊断为肺炎。"
    resolved = resolve(draft(claim, "P1"), record)
    assert [e.quote for e in resolved.evidence] == ["初步诊断：肺炎。", "姓名：孙某某。"]
    assert verify(claim, resolved.evidence).ok
    stranger = "李某某的初步诊断为肺炎。"
    assert not verify(stranger, resolve(draft(stranger, "P1"), record).evidence).ok


def test_evidence_that_an_answerer_cut_itself_is_kept(candidates: tuple[Candidate, ...]) -> None:
    own = resolve(draft("设立代办点126个。", "P3"), candidates).evidence
    assert resolve(DraftSentence("设立代办点126个。", own), candidates).evidence == own


WORDS = """
青禾县 白石区 一肩挑 占比 96.35% 88.1% 选派 1800余名 工作队员 5200余名 干部 减幅 32% 22个 乡镇 代办点 126个 最高 ， 。
"""
CLAIMS = st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=10).map("".join)


@given(claim=CLAIMS, labels=st.lists(st.sampled_from(["P1", "P2", "P3", "P4", "P0", "X1", "1"]), max_size=5))
def test_every_citation_cuts_from_the_raw_text(claim: str, labels: list[str]) -> None:
    texts = [
        "换届后“一肩挑”占比达96.35%。选派工作队员1800余名。",
        "占比达88.1%。全区22个乡镇减幅达32%。",
        "设立代办点126个。",
    ]
    passages = tuple(candidate(n, text, f"{n}.txt", f"第{n}份") for n, text in enumerate(texts, start=1))
    resolved = resolve(draft(claim, *labels), passages)
    assert resolved.unknown == sum(name not in ("P1", "P2", "P3") for name in labels)
    cited = {f"P{e.stored.id}" for e in resolved.evidence}
    assert cited <= set(labels)
    for item in resolved.evidence:
        assert cut(item.stored.passage.text, item.spans) == item.quote
        assert item.quote
