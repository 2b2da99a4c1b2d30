"""``python -m tests.chaos.visible``: how soon a change is seen by both servers that share a Postgres and a Chroma.

A worker makes the changes. The clock starts when the first server says that a document is ready, and stops when each
server answers with what it says now; the time from the upload is printed too, most of which is embedding.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from tests.chaos.cluster import Cluster, stores
from tests.chaos.nursery import Nursery

PATIENCE = 600.0
"""Seconds for one change: other programs may have the cores."""
NAME, QUESTION = "双河镇.txt", "双河镇共有多少个行政村？"


def run(changes: int) -> dict[str, Any]:
    """Add a document, replace it again and again, remove it at last; return seconds until both servers show it."""
    with tempfile.TemporaryDirectory(prefix="visible-") as name:
        folder = Path(name)
        nursery = Nursery(folder)
        with stores("postgres", folder) as stored:
            cluster = Cluster(nursery, {**stored, "QA_RANKER": "linear", "QA_WORK": "off"}, 2, 1, random.Random(1))
            cluster.start()
            try:
                cluster.wait()
                with httpx.Client(timeout=PATIENCE, trust_env=False) as http:
                    # The first change is not counted: its questions load what all others need.
                    measured = [_change(http, cluster.urls, number) for number in range(changes + 1)][1:]
            finally:
                cluster.stop()
        nursery.close()
    uploaded, ready = zip(*measured, strict=True)
    return {
        "changes": len(measured),
        "visible_in_both_p50_s": round(statistics.median(ready), 3),
        "visible_in_both_most_s": round(max(ready), 3),
        "from_the_upload_p50_s": round(statistics.median(uploaded), 3),
    }


def _change(http: httpx.Client, urls: list[str], number: int) -> tuple[float, float]:
    """Replace the document, or, as every tenth change, remove it; return the seconds from upload and from ready."""
    first, villages = urls[number % len(urls)], 100 + number
    started = time.monotonic()
    if number % 10 == 9:
        sent, wanted = http.delete(f"{first}/documents/{NAME}"), ""
    else:
        text = f"# 双河镇2023年工作总结\n\n双河镇共有{villages}个行政村。\n\n双河镇改造农村公路{number}公里。\n"
        sent, wanted = http.post(f"{first}/documents", files=[("files", (NAME, text.encode()))]), f"{villages}个"
    job = sent.raise_for_status().json()["jobs"][0]["id"]
    while (state := http.get(f"{first}/jobs/{job}").json()["state"]) != "ready":
        assert state not in ("failed", "cancelled"), http.get(f"{first}/jobs/{job}").text
        assert time.monotonic() < started + PATIENCE, f"change {number} was not made"
        time.sleep(0.01)
    ready = time.monotonic()
    for url in urls:
        while not _shows(http, url, wanted):
            assert time.monotonic() < ready + PATIENCE, f"{url} does not show change {number}"
    return time.monotonic() - started, time.monotonic() - ready


def _shows(http: httpx.Client, url: str, wanted: str) -> bool:
    answer = http.post(f"{url}/chat", json={"question": QUESTION}).raise_for_status().json()
    return wanted in answer["answer"] if wanted else bool(answer["abstained"])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.visible", description=__doc__)
    parser.add_argument("--changes", type=int, default=20)
    print(json.dumps(run(parser.parse_args().changes)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
