"""What is made once from the bundled weights and kept: the ONNX model and the order of the vocabulary."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

_log = logging.getLogger(__name__)

MANIFEST = "manifest.json"
MAKING = ".making-"
"""What the name of a directory begins with that isn't whole yet."""
Files = dict[str, bytes]


def load_or_build(directory: Path, build: Callable[[], Files]) -> Files:
    """Return the files that ``directory`` keeps, or build them and keep them there.

    The directory appears whole or not at all, and is believed only if every file in it has the checksum that its
    manifest gives; else it is built anew. Two processes may build at once: what they build is the same. If nothing can
    be written, what was built is used from memory, and built again the next time.
    """
    files = _read(directory)
    if files is None:
        files = build()
        try:
            _write(directory, files)
        except OSError as error:
            if _read(directory) is None:  # else another process was faster
                _log.warning("the prepared model can't be kept in %s (%s) and is built at each start", directory, error)
    return files


def _read(directory: Path) -> Files | None:
    """Return the files of ``directory`` if it is there and whole."""
    try:
        manifest = json.loads((directory / MANIFEST).read_bytes())
        files = {name: (directory / name).read_bytes() for name in manifest}
        if files and all(_checksum(data) == manifest[name] for name, data in files.items()):
            return files
        _log.warning("the prepared model in %s is damaged and is built anew", directory)
    except FileNotFoundError:
        pass
    except (OSError, ValueError, TypeError, AttributeError) as error:
        _log.warning("the prepared model in %s can't be read (%s) and is built anew", directory, error)
    return None


def _write(directory: Path, files: Files) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=MAKING, dir=directory.parent))
    try:
        for name, data in files.items():
            (made / name).write_bytes(data)
        (made / MANIFEST).write_text(
            json.dumps({name: _checksum(data) for name, data in files.items()}), encoding="utf-8"
        )
        made.chmod(0o755)
        if directory.exists():
            directory.rename(made / "replaced")
            shutil.rmtree(made / "replaced", ignore_errors=True)
        made.rename(directory)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


def _checksum(data: bytes) -> int:
    return zlib.crc32(data)  # against damage, not against malice; several times faster than SHA-256
