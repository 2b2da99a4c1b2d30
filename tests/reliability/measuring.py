"""Notes what a test has measured, for the table of ``python -m tests.reliability``."""

from __future__ import annotations

from collections.abc import Callable

import pytest

MEASURED = "measured"
"""Name of a test's user property: what, the bar, what was measured, and whether it meets the bar."""
Measure = Callable[[str, str, str, bool], None]


@pytest.fixture
def measure(request: pytest.FixtureRequest) -> Measure:
    """Note a number, and fail the test where it does not meet its bar: ``measure(what, bar, measured, met)``.

    What is measured again under the same name takes the place of what was.
    """

    def note(what: str, bar: str, measured: str, met: bool) -> None:
        request.node.user_properties.append((MEASURED, (what, bar, measured, met)))
        assert met, f"{what}: {measured}, and the bar is {bar}"

    return note
