"""A key that is limited to some collections changes what is in them alone, and sees its own jobs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from qa.api.app import create_app
from qa.pipeline import QA, open_library
from qa.sessions.access import Role
from qa.sessions.conversations import Conversations
from qa.sessions.keys import Keys
from qa.settings import Settings
from tests.qa.api.conftest import running
from vectorstore.library import Library
from vectorstore.reading import RawDocument

MINE = "# Marrow\n\nMarrow has 3 ferries.\n"
SEALED = "# Quillon\n\nQuillon has 71 ferries.\n"
SHARED = "# Both\n\nBoth islands have a pier.\n"
Client = Callable[..., httpx.Client]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library(Settings(data_dir=tmp_path, answerer="extractive", keys="on")) as library:
        for name in ("shelf", "desk", "vault"):
            library.membership.add(name)
        library.ingest([RawDocument.of("mine.txt", MINE)], collections=["shelf"])
        library.ingest([RawDocument.of("sealed.txt", SEALED)], collections=["vault"])
        library.ingest([RawDocument.of("shared.txt", SHARED)], collections=["shelf", "vault"])
        yield library


@pytest.fixture
def client(library: Library, tmp_path: Path) -> Iterator[Client]:
    """``client("shelf", "desk")`` has a key that may do everything in those collections; without any, everywhere."""
    settings = Settings(data_dir=tmp_path, answerer="extractive", keys="on")
    app = create_app(settings, QA(library, settings), Conversations(library.database))
    keys = Keys(library.database)
    made: list[httpx.Client] = []
    with running(app) as url:

        def client(*collections: str) -> httpx.Client:
            scope = library.scope(collections) if collections else None
            _, key = keys.add(f"key {len(made)}", tuple(Role), scope)
            headers = {"Authorization": f"Bearer {key}"}
            made.append(httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False))
            return made[-1]

        yield client
        for one in made:
            one.close()


def send(client: httpx.Client, files: dict[str, str], *collections: str, **more: Any) -> httpx.Response:
    form = [("files", (name, text.encode())) for name, text in files.items()]
    return client.post("/documents", params={"collection": list(collections)}, files=form, **more)


def done(client: httpx.Client, response: httpx.Response) -> list[dict[str, Any]]:
    """Wait until the jobs of a response are over, and return them."""
    assert response.status_code == 202, response.text
    jobs = []
    for job in response.json()["jobs"]:
        while (now := client.get(f"/jobs/{job['id']}").json())["state"] not in ("ready", "failed", "cancelled"):
            time.sleep(0.01)
        jobs.append(now)
    return jobs


def refused(response: httpx.Response) -> tuple[int, str, str]:
    error = response.json()["error"]
    return response.status_code, error["code"], error["message"]


def collections_of(library: Library, name: str) -> list[str]:
    info = library.document_info(name)
    return library.collections_of([info.id])[info.id]


def test_a_file_goes_into_the_one_collection_of_its_key(library: Library, client: Client) -> None:
    writer = client("shelf")
    (job,) = done(writer, send(writer, {"new.txt": "# New\n\nNew.\n"}))
    assert (job["state"], job["outcome"], collections_of(library, "new.txt")) == ("ready", "added", ["shelf"])
    done(writer, writer.put("/documents/put.txt", content=b"# Put\n\nPut.\n"))
    assert collections_of(library, "put.txt") == ["shelf"]
    elsewhere = refused(send(writer, {"x.txt": "x"}, "vault"))
    assert elsewhere == (404, "unknown_collection", "there is no collection 'vault'")


def test_a_key_with_several_collections_names_one(library: Library, client: Client) -> None:
    writer = client("shelf", "desk")
    way_out = (
        "this API key has several collections (desk, shelf); name one: POST /documents?collection=NAME, or "
        "`qa ingest --collection NAME`"
    )
    assert refused(send(writer, {"new.txt": "New."})) == (400, "bad_request", way_out)
    assert refused(writer.put("/documents/new.txt", content=b"x")) == (400, "bad_request", way_out)
    done(writer, send(writer, {"new.txt": "# New\n\nNew.\n"}, "desk"))
    assert collections_of(library, "new.txt") == ["desk"]
    done(writer, writer.put("/documents/new.txt", content=b"# New\n\nNewer.\n"))
    assert (library.document("new.txt").text[-7:], collections_of(library, "new.txt")) == ("Newer.\n", ["desk"])


def test_a_key_whose_collections_are_gone_uploads_nothing(library: Library, client: Client) -> None:
    writer = client("desk")
    library.membership.remove("desk")
    for response in (send(writer, {"x.txt": "x"}), writer.put("/documents/x.txt", content=b"x")):
        assert refused(response)[:2] == (403, "forbidden")


def test_what_is_in_its_collections_alone_is_replaced_and_removed(library: Library, client: Client) -> None:
    writer = client("shelf")
    assert done(writer, send(writer, {"mine.txt": MINE + "\nAnd a pier.\n"}))[0]["outcome"] == "replaced"
    assert collections_of(library, "mine.txt") == ["shelf"]
    status = writer.get("/documents/mine.txt/status").json()
    assert (status["state"], status["source"]) == ("ready", "upload")
    removal = writer.delete("/documents/mine.txt")
    assert removal.json()["lost"]["passages"] > 0
    assert done(writer, removal)[0]["outcome"] == "removed"
    assert writer.get("/documents/mine.txt").status_code == 404


def test_what_is_elsewhere_too_is_left_alone(library: Library, client: Client) -> None:
    writer = client("shelf")
    why = "'shared.txt' is in other collections too; only who sees all of them can replace or remove it"
    for response in (
        send(writer, {"new.txt": "New.", "shared.txt": "Mine."}),
        writer.put("/documents/shared.txt", content=b"Mine."),
        writer.delete("/documents/shared.txt"),
        writer.delete("/documents/shared.txt", params={"dry_run": "true"}),
    ):
        assert refused(response) == (403, "shared_document", why)
    assert writer.get("/jobs").json()["jobs"] == []
    assert library.document("shared.txt").text == SHARED
    both = client("shelf", "vault")
    assert done(both, both.delete("/documents/shared.txt"))[0]["outcome"] == "removed"


@pytest.mark.parametrize("name", ["sealed.txt", "nothing.txt"])
def test_a_hidden_document_is_as_good_as_none(client: Client, name: str) -> None:
    writer = client("shelf")
    message = f"the library has no document {name!r}; `qa documents list` shows those it has"
    for response in (
        writer.delete(f"/documents/{name}"),
        writer.delete(f"/documents/{name}", params={"dry_run": "true"}),
        writer.get(f"/documents/{name}/status"),
    ):
        assert refused(response) == (404, "unknown_document", message)


def test_the_name_of_a_hidden_document_is_taken(library: Library, client: Client) -> None:
    writer, insider = client("shelf"), client()
    before = library.document("sealed.txt"), library.origins.get("sealed.txt")
    many = '{"id": "sealed.txt", "text": "Mine."}\n{"id": "other.txt", "text": "Other."}\n'
    jobs = [
        *done(writer, send(writer, {"sealed.txt": SEALED})),
        *done(writer, writer.put("/documents/sealed.txt", content=many.encode(), headers={"X-Filename": "a.jsonl"})),
    ]
    taken = "the name 'sealed.txt' can't be used here; give the document another one"
    assert [(job["state"], job["reason"], job["documents"]) for job in jobs] == [("failed", taken, [])] * 2
    (mixed,) = done(writer, send(writer, {"many.jsonl": many}))
    assert [one["name"] for one in mixed["documents"]] == ["other.txt"]
    assert mixed["notes"] == [f"sealed.txt: {taken}"]
    status = writer.get("/documents/sealed.txt/status").json()
    assert (status["state"], status["answers_now"], status["sha256"]) == ("failed", False, None)
    removal = writer.delete("/documents/sealed.txt")  # of the upload that failed: there is nothing else
    assert removal.json()["lost"] == {"passages": 0, "conversations": 0, "answers": 0}
    assert done(writer, removal)[0]["outcome"] == "unchanged"
    assert (library.document("sealed.txt"), library.origins.get("sealed.txt")) == before
    assert insider.get("/documents/sealed.txt/status").json()["answers_now"]


def test_a_hidden_text_under_a_new_name_is_a_new_document(client: Client) -> None:
    writer = client("shelf")
    (job,) = done(writer, send(writer, {"the text.txt": SEALED}))
    assert (job["outcome"], [one["name"] for one in job["documents"]]) == ("added", ["the text.txt"])
    (again,) = done(writer, send(writer, {"the text again.txt": SEALED}))
    assert (again["outcome"], [one["name"] for one in again["documents"]]) == ("unchanged", ["the text.txt"])


def test_a_key_sees_its_own_jobs_and_no_others(client: Client, read_events: Callable[[str], Any]) -> None:
    writer, other, insider = client("shelf"), client("shelf"), client()
    (theirs,) = done(insider, send(insider, {"theirs.txt": "Theirs."}, "vault"))
    (others,) = done(other, send(other, {"other.txt": "Other."}))
    mine = [done(writer, send(writer, {f"{n}.txt": f"Number {n}."}))[0] for n in range(3)]
    listed = writer.get("/jobs", params={"limit": 2}).json()
    assert [job["id"] for job in listed["jobs"]] == [mine[2]["id"], mine[1]["id"]]
    assert (listed["counts"]["ready"], sum(listed["counts"].values())) == (3, 3)
    last = writer.get("/jobs", params={"before": listed["next"]}).json()
    assert ([job["id"] for job in last["jobs"]], last["next"]) == ([mine[0]["id"]], None)
    for foreign in (theirs, others):
        for response in (
            writer.get(f"/jobs/{foreign['id']}"),
            writer.post(f"/jobs/{foreign['id']}/retry"),
            writer.post(f"/jobs/{foreign['id']}/cancel"),
            writer.get("/jobs", params={"before": foreign["id"]}),
        ):
            assert refused(response)[:2] == (404, "unknown_job")
        assert writer.get("/jobs", params={"document": foreign["document"]}).json()["jobs"] == []
    with writer.stream("GET", "/jobs/events") as stream:
        events = read_events(next(stream.iter_text()).replace("\r\n", "\n"))
    assert {job["id"] for job in events[0][1]["jobs"]} == {job["id"] for job in mine}
    everything = {job["id"] for job in insider.get("/jobs").json()["jobs"]}
    assert everything >= {theirs["id"], others["id"], *(job["id"] for job in mine)}


def test_what_a_key_is_told_names_nothing_else(client: Client) -> None:
    writer, insider = client("shelf"), client()
    done(insider, send(insider, {"secret plan.txt": "The plan."}, "vault"))
    done(writer, send(writer, {"sealed.txt": "Mine.", "the text.txt": "The plan."}))
    said = [writer.get(path).text for path in ("/jobs", "/documents", "/collections", "/documents/mine.txt/status")]
    assert not [text for text in said for word in ("secret plan", "vault", "71 ferries") if word in text]
    assert json.loads(said[1])["documents"]
