"""``qa models``: exports the bundled embedder."""

from __future__ import annotations

from pathlib import Path

from qa.cli import output


def export(directory: Path) -> None:
    """Write the bundled embedder into ``directory`` as a sentence-transformers model.

    Raises:
        EmbedderError
    """
    from vectorstore.embeddings import export_bundled

    export_bundled(directory)
    output.say(output.out(), f"written to {directory}; QA_EMBEDDER={directory} runs it with sentence-transformers")
