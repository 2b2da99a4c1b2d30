"""The page's files as they are served: types, versions, and a Content-Security-Policy."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from PIL import Image

import qa.web
from vectorstore.text.language import has_han

STATIC = Path(next(iter(qa.web.__path__))) / "static"
NAMES = sorted(path.name for path in STATIC.iterdir())
SCRIPTS = [name for name in NAMES if name.endswith(".js")]
TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"}


@pytest.mark.parametrize("name", NAMES)
def test_file_is_served_once_for_each_version(client: httpx.Client, name: str) -> None:
    first = client.get(f"/static/{name}")
    assert first.content == (STATIC / name).read_bytes()
    assert first.headers["content-type"] == TYPES[name.rpartition(".")[2]]
    assert first.headers["x-content-type-options"] == "nosniff"
    assert first.headers["cache-control"] == "no-cache"
    for header in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
        again = client.get(f"/static/{name}", headers={"If-None-Match": header})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    assert client.get(f"/static/{name}", headers={"If-None-Match": '"other"'}).status_code == 200
    head = client.head(f"/static/{name}")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("path", ["nothing.js", "..%2f__init__.py", "../__init__.py", "index.html", "%00", ""])
def test_nothing_else_is_served(client: httpx.Client, path: str) -> None:
    response = client.get(f"/static/{path}")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_policy_lets_only_the_pages_own_files_run(client: httpx.Client, path: str) -> None:
    response = client.get(path)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    parts = (part.strip().partition(" ") for part in response.headers["content-security-policy"].split(";"))
    policy = {name: value for name, _, value in parts}
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    assert not re.search(r"<style|<script>|\sstyle=|\son\w+=|javascript:", response.text)


def test_page_names_the_files_that_there_are(client: httpx.Client) -> None:
    html = client.get("/").text + client.get("/docs").text
    named = re.findall(r'(?:src|href)="/static/([^"]+)"', html)
    assert sorted(set(named)) == NAMES
    assert re.findall(r"https?://", html) == []
    for script in SCRIPTS:
        imported = re.findall(r'from "\./([^"]+)"', (STATIC / script).read_text("utf-8"))
        assert set(imported) <= set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_parses_no_markup_and_calls_no_other_host(name: str) -> None:
    source = (STATIC / name).read_text("utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|Function\(|srcdoc", source)
    assert set(re.findall(r"https?://[^\"]+", source)) <= {"http://www.w3.org/2000/svg"}


def test_pictures_of_the_page_are_small() -> None:
    pictures = sorted((Path(__file__).parents[2] / "docs" / "images").glob("*.png"))
    assert len(pictures) >= 3
    assert [picture.name for picture in pictures if picture.stat().st_size > 250_000] == []


def test_the_recording_of_the_terminal_is_small_and_moves() -> None:
    recording = Path(__file__).parents[2] / "docs" / "images" / "terminal.gif"
    assert recording.stat().st_size < 1 << 20
    with Image.open(recording) as picture:
        assert picture.n_frames > 20
        colours = []
        for frame in (0, picture.n_frames - 1):
            picture.seek(frame)
            colours.append(len(picture.convert("RGB").getcolors() or []))
    assert colours[0] < colours[1]  # from a prompt to answers


def test_every_label_that_the_page_names_is_in_the_list_of_its_texts() -> None:
    listed = set(re.findall(r"\b([a-zA-Z]+): ", (STATIC / "i18n.js").read_text("utf-8")))
    sources = [(STATIC / name).read_text("utf-8") for name in SCRIPTS]
    html = (STATIC.parent / "index.html").read_text("utf-8")
    named = {name for source in sources for name in re.findall(r"\bT\.([a-zA-Z]+)", source)}
    named |= set(re.findall(r'data-(?:t|label)="([^"]+)"', html))
    assert len(named) > 80
    assert named <= listed


@pytest.mark.parametrize("name", sorted(set(SCRIPTS) - {"i18n.js"}))
def test_script_has_no_text_of_its_own(name: str) -> None:
    source = re.sub(r"\$\{[^}]*\}", "", (STATIC / name).read_text("utf-8"))  # what is put into a template is no text
    assert not has_han(source)
    assert re.findall(r'\b(?:text|label|title|placeholder|textContent)(?::| =) ["`][^"`]*[a-z]{2}', source) == []
