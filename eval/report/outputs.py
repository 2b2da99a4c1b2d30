"""Writes the reports that a command was asked for: JSON, HTML, Markdown and JUnit XML."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..files import require_writable, write_text
from ..gate.comparison import Comparison
from ..runs import run_file
from ..runs.run_file import Run
from .html import comparison_page, run_page
from .junit import comparison_junit, run_junit
from .markdown import comparison_markdown, run_markdown


@dataclass(frozen=True)
class Outputs:
    """Where reports go; None for a report that is not wanted."""

    json: Path | None = None
    html: Path | None = None
    markdown: Path | None = None
    junit: Path | None = None

    def require_writable(self) -> None:
        """Make the reports' folders, before anything is asked.

        Raises:
            EvalError: a file could not be written.
        """
        for path in (self.json, self.html, self.markdown, self.junit):
            if path is not None:
                require_writable(path)

    def of_run(self, run: Run) -> None:
        """Write the reports of a run.

        Raises:
            EvalError: a file can't be written.
        """
        _write(self.json, lambda: run_file.dump(run))
        _write(self.html, lambda: run_page(run))
        _write(self.markdown, lambda: run_markdown(run))
        _write(self.junit, lambda: run_junit(run))

    def of_comparison(self, comparison: Comparison) -> None:
        """Write the reports of a comparison.

        Raises:
            EvalError: a file can't be written.
        """
        _write(self.json, lambda: json.dumps(comparison.as_json(), ensure_ascii=False, indent=1) + "\n")
        _write(self.html, lambda: comparison_page(comparison))
        _write(self.markdown, lambda: comparison_markdown(comparison))
        _write(self.junit, lambda: comparison_junit(comparison))


def _write(path: Path | None, text: Callable[[], str]) -> None:
    if path is not None:
        write_text(path, text())
