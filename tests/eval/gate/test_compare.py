"""Comparing runs: what is worse, what is chance, and what does not fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from eval.errors import DoesNotFit
from eval.gate import compare as comparing
from eval.gate import decision
from eval.gate.compare import side
from eval.gate.comparison import Comparison, Difference
from eval.runs import run_file
from eval.runs.run_file import Item, Run

MakeRun = Callable[..., Run]


def compared(base: Run, new: Run, strict: bool = True) -> Comparison:
    return comparing.compare(side("base", base), side("new", new), strict)


def of(comparison: Comparison, metric: str, group: str = "all") -> Difference:
    return next(d for d in comparison.differences if (d.metric, d.group) == (metric, group))


def with_item(run: Run, number: int, **changes: object) -> Run:
    items = list(run.items)
    items[number] = items[number].model_copy(update=changes)
    return run.model_copy(update={"items": items})


def test_a_run_is_not_worse_than_itself(make_run: MakeRun) -> None:
    comparison = compared(make_run(10, 5), make_run(10, 5))
    assert not comparison.worse
    assert (comparison.flips, comparison.drops, comparison.reworded, comparison.reasons()) == ((), (), (), [])
    assert all(d.change == 0 and d.adjusted == 1.0 for d in comparison.differences)


def test_differences_are_counted_and_tested_question_by_question(make_run: MakeRun) -> None:
    difference = of(compared(make_run(20), make_run(12, 0, abstained=8)), "correct")
    assert (difference.n, difference.base, difference.new) == (20, 1.0, 0.6)
    assert (difference.losses, difference.gains, difference.p) == (8, 0, 2 / 2**8)
    assert difference.low < -0.4 < difference.high < 0
    assert difference.is_loss


def test_a_loss_that_chance_explains_is_not_called_worse(make_run: MakeRun) -> None:
    """Four questions of forty are lost: 1/8 by the sign test, even before it is corrected."""
    comparison = compared(make_run(40), make_run(36, abstained=4))
    assert of(comparison, "correct").losses == 4
    assert not comparison.worse
    assert [flip.new.id for flip in comparison.flips] == ["q036", "q037", "q038", "q039"]


def test_a_loss_of_one_type_is_found_when_the_whole_hides_it(make_run: MakeRun) -> None:
    """Twelve follow-ups are lost while twelve facts are won: the means over all questions do not move."""

    def both(facts_wrong: int, follow_ups_wrong: int) -> Run:
        facts = make_run(40 - facts_wrong, abstained=facts_wrong)
        turns = make_run(20 - follow_ups_wrong, kind="follow_up", abstained=follow_ups_wrong)
        renamed = [
            item.model_copy(
                update={
                    "id": "f" + item.id,
                    "asked": item.asked and item.asked.model_copy(update={"id": "f" + item.id}),
                }
            )
            for item in turns.items
        ]
        return facts.model_copy(update={"items": facts.items + renamed})

    comparison = compared(both(12, 0), both(0, 12))
    assert not of(comparison, "correct").significant
    assert of(comparison, "correct", "follow_up").is_loss
    assert of(comparison, "correct", "single_fact").significant
    assert not of(comparison, "correct", "single_fact").is_loss
    assert {d.group for d in comparison.losses} == {"follow_up"}


def test_a_gain_is_significant_and_not_worse(make_run: MakeRun) -> None:
    comparison = compared(make_run(12, abstained=8), make_run(20))
    assert of(comparison, "correct").significant
    assert not comparison.worse
    assert all(flip.change > 0 for flip in comparison.flips)


def test_losses_stand_before_gains_among_the_flips(make_run: MakeRun) -> None:
    base, new = make_run(3, abstained=1), make_run(4)
    new = with_item(new, 1, scores=new.items[1].scores | {"correct": 0.0})
    assert [(flip.new.id, flip.change) for flip in compared(base, new).flips] == [("q001", -1.0), ("q003", 1.0)]


@pytest.mark.parametrize("metric", ["citation_validity", "number_fidelity", "cited"])
def test_any_drop_of_what_must_be_perfect_is_worse(make_run: MakeRun, metric: str) -> None:
    base, new = make_run(30), make_run(30)
    new = with_item(new, 7, scores=new.items[7].scores | {metric: 0.5})
    comparison = compared(base, new)
    (drop,) = comparison.drops
    assert (drop.metric, drop.base, drop.questions) == (metric, 1.0, ("q007",))
    assert comparison.worse
    assert not comparison.losses


def test_what_was_imperfect_before_is_no_drop_and_a_new_imperfection_is(make_run: MakeRun) -> None:
    run = make_run(5, abstained=1)
    bad = {"number_fidelity": 0.0}
    base = with_item(run, 2, scores=run.items[2].scores | bad)
    assert not compared(base, base).drops
    answered = with_item(base, 5, scores=base.items[5].scores | bad)
    assert compared(base, answered).drops[0].questions == ("q005",)


def test_a_question_that_fails_now_is_worse(make_run: MakeRun) -> None:
    base = make_run(30)
    new = with_item(base, 3, error="KeyError: 'x'")
    comparison = compared(base, new)
    assert [row.id for row in comparison.failed] == ["q003"]
    assert comparison.worse
    assert not compared(new, new).worse


def test_rounding_is_no_difference(make_run: MakeRun) -> None:
    base = make_run(20)
    new = base.model_copy(
        update={"items": [i.model_copy(update={"scores": i.scores | {"char_f1": 0.33334}}) for i in base.items]}
    )
    near = base.model_copy(
        update={"items": [i.model_copy(update={"scores": i.scores | {"char_f1": 0.33331}}) for i in base.items]}
    )
    assert of(compared(near, new), "char_f1").losses == 0


def test_wording_alone_is_told_apart(make_run: MakeRun) -> None:
    base = make_run(3)
    assert compared(base, with_item(base, 1, answer="长120公里。[1]")).reworded == ("q001",)


def test_what_does_not_fit_is_refused(make_run: MakeRun) -> None:
    base = make_run(4)
    with pytest.raises(DoesNotFit, match="1 questions are only in one of base and new, first q004"):
        compared(base, make_run(5))
    assert compared(base, make_run(5), strict=False).only_new == ("q004",)
    with pytest.raises(DoesNotFit, match="4 questions differ between base and new, first q000"):
        compared(base, make_run(4, kind="list"))
    with pytest.raises(DoesNotFit, match="no question in common"):
        compared(base, base.model_copy(update={"items": []}), strict=False)
    info = base.run.model_copy(update={"documents_sha256": "e" * 64})
    with pytest.raises(DoesNotFit, match="different documents"):
        compared(base, base.model_copy(update={"run": info}))
    with pytest.raises(DoesNotFit, match="item bare lacks `asked`"):
        side("base", Run(run=base.run, items=[Item(id="bare", question="？")]))


def test_runs_are_read_from_files(make_run: MakeRun, tmp_path: Path) -> None:
    run_file.save(make_run(3), tmp_path / "one.json")
    run_file.save(make_run(1, 2), tmp_path / "two.json")
    read = decision.compare(tmp_path / "one.json", tmp_path / "two.json")
    assert (read.base.name, read.new.name) == ("one", "two")
    assert len(read.flips) == 2


def test_json_of_a_comparison_says_what_was_found(make_run: MakeRun) -> None:
    worse = compared(make_run(20), make_run(10, 2, abstained=8))
    data = json.loads(json.dumps(worse.as_json()))
    assert data["worse"] is True
    assert len(data["flips"]) == 10
    assert data["flips"][0]["base"]["answer"] == "120公里。[1]"
    assert next(d for d in data["differences"] if d["metric"] == "correct")["loss"] is True
