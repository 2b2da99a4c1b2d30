"""Where ``qa eval`` finds the evaluation: ``qa_eval`` in an installation, the folder ``eval`` in a clone.

It is loaded by its place, for the product must not depend on it, and another package called ``eval`` may be installed.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from qa.errors import QAError

INSTALLED, CLONE = "qa_eval", "eval"
_BESIDE_QA = Path(__file__).resolve().parents[2]


def commands() -> ModuleType:
    """Return the module that holds the commands' ``app``.

    Raises:
        QAError: this installation has no evaluation.
    """
    for name in (INSTALLED, CLONE):
        package = _BESIDE_QA / name / "__init__.py"
        if package.is_file():
            return import_module(f"{_imported(name, package)}.cli")
    raise QAError(f"the evaluation is not installed: there is no {_BESIDE_QA / INSTALLED}; install report-qa again")


def _imported(name: str, package: Path) -> str:
    """Return the name under which the package at ``package`` can be imported."""
    if INSTALLED in sys.modules:
        return INSTALLED
    found = find_spec(name)
    if found is not None and found.origin is not None and Path(found.origin).resolve() == package:
        return name
    # Another package of that name comes first on the import path.
    spec = spec_from_file_location(INSTALLED, package, submodule_search_locations=[str(package.parent)])
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[INSTALLED] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return INSTALLED
