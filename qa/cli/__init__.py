"""The command line: ``main`` runs it, and turns every error into one line and an exit status.

0: done, or answered. 1: an error. 2: wrong usage. 3: asked, and the reports don't say. 130: interrupted.
``qa eval`` ends with 2 for an error, for its 1 says that answers got worse.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run ``qa``; the entry point of the installed command."""
    from qa.cli import streams
    from qa.cli.app import app
    from qa.cli.failure import State, report

    streams.prepare()
    state = State()
    try:
        app(obj=state, prog_name="qa")
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        sys.exit(report(error, state))
