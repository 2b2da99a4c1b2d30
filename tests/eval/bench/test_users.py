"""Many users of one server: what is measured."""

from __future__ import annotations

import pytest

from eval.bench.users import growth


@pytest.mark.parametrize(("late", "percent"), [(lambda at: 500.0, 0.0), (lambda at: 475 + at / 12, 5.0)])
def test_growth_is_that_of_the_second_half(late: object, percent: float) -> None:
    assert callable(late)
    memory = [(float(at), 100.0 + at if at < 300 else late(at)) for at in range(601)]
    assert growth(memory)["growth_percent"] == pytest.approx(percent, abs=0.3)
