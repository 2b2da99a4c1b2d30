"""Question to verified answer; and the public API: ``qa.open()``, and the types of what it gives.

    import qa

    with qa.open() as reports:
        reports.ingest("my-reports")
        print(reports.ask("How many libraries does the county run?").answer)

Each name is imported when it is first used, so that ``qa --help`` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qa.pipeline import QA
    from qa.reports import Reports, open
    from qa.types import Answer, Citation, Turn

    __version__: str

__all__ = ["QA", "Answer", "Citation", "Reports", "Turn", "__version__", "open"]

_HOMES = {
    "QA": "qa.pipeline",
    "Answer": "qa.types",
    "Citation": "qa.types",
    "Reports": "qa.reports",
    "Turn": "qa.types",
    "open": "qa.reports",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        return import_module("qa.version").version()
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
