"""A Chroma server behind a proxy: below a path, and with a login that nobody gets to see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support import http_proxy
from vectorstore.errors import LibraryError
from vectorstore.indexes.chroma_server import ChromaServer
from vectorstore.library import Library
from vectorstore.reading import RawDocument

Open = Callable[..., Library]
Answers = Callable[[Library, str], list[tuple[str, str, float]]]
LOGIN = "报告 reader:p@ss/w:rd?%#"
USERINFO = ":".join(quote(part, safe="") for part in LOGIN.split(":", 1))


@pytest.mark.parametrize("end", ["", "/", "/api/v2"])
def test_below_a_path_and_with_a_login(
    open_library: Open, answers: Answers, reports: list[RawDocument], chroma_server: str, tmp_path: Path, end: str
) -> None:
    with http_proxy.before(chroma_server, "/search/chroma-1.5", LOGIN) as place:
        url = f"http://{USERINFO}@{place}/search/chroma-1.5{end}"
        with open_library(tmp_path / "data", chroma_url=url) as library:
            library.ingest(reports)
            found = answers(library, "驻村书记")
        with open_library(tmp_path / "data", chroma_url=url) as library:  # it is there, and not built again
            assert answers(library, "驻村书记") == found
        state = b"".join(path.read_bytes() for path in (tmp_path / "data" / "dense").rglob("*") if path.is_file())
    assert place.encode() in state
    assert b"reader" not in state


@pytest.mark.parametrize(
    ("userinfo", "path", "said"),
    [
        ("reader:canary-4711@", "/chroma", r"refuses the login in QA_CHROMA_URL \(HTTP 401\)"),
        ("", "/chroma", r"asks for a login \(HTTP 401\); .*https://USER:PASSWORD@HOST"),
        (f"{USERINFO}@", "/chrome", r"no Chroma server at .*/chrome \(HTTP 404\); check the path in QA_CHROMA_URL"),
        (f"{USERINFO}@", "", r"\(HTTP 404\)"),
    ],
)
def test_what_a_proxy_refuses(open_library: Open, chroma_server: str, userinfo: str, path: str, said: str) -> None:
    with http_proxy.before(chroma_server, "/chroma", LOGIN) as place:
        with pytest.raises(LibraryError, match=said) as caught:
            open_library(chroma_url=f"http://{userinfo}{place}{path}")
        assert f"http://{place}{path}" in str(caught.value)
    assert "canary-4711" not in str(caught.value)
    assert "w%3Ard" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown", "why"),
    [
        ("http://", "http://", "names no host"),
        ("nonsense", "nonsense", "begins neither"),
        ("localhost:8000", "localhost:8000", "begins neither"),
        ("ftp://u:canary@host", "ftp://***@host", "begins neither"),
        ("u:canary@host:8000", "***@host:8000", "begins neither"),
        ("http://[", "http://[", "is no URL"),
        ("http://127.0.0.1:99999", "http://127.0.0.1:99999", "port"),
        ("http://u:canary%40host:8000", "http://u:***", "port"),
        ("http://u:can/ary@host:8000/x", "http://***@host:8000/x", "%2F"),
        ("http://u:1234/canary@host", "http://***@host", "%2F"),
        ("http://u:can?ary@host", "http://***@host", "%3F"),
        ("http://u:can#ary@host", "http://***@host", "%23"),
        ("http://u:canary@host/x?tenant=canary", "http://***@host/x?***", "no query"),
        ("http://u:canary@host/#x", "http://***@host/?***", "no fragment"),
        ("http://u:canary@host/a%20b", "http://***@host/a%20b", "takes a path of"),
        ("http://u:canary@host/a;b", "http://***@host/a;b", "takes a path of"),
        ("http://u:canary@host//a", "http://***@host//a", "takes a path of"),
        ("http://u%3Ax:canary@host", "http://***@host", "no colon"),
        ("http://u:canary%0A@host", "http://***@host", "no control"),
        ("http://u:canary%FF@host", "http://***@host", "UTF-8"),
        ("http://u:can\nary@host", "http://***@host", "control character"),
    ],
)
def test_what_a_client_can_t_be_told_is_refused(open_library: Open, url: str, shown: str, why: str) -> None:
    with pytest.raises(LibraryError, match=rf"{why}.*; give http://HOST:8000, https://HOST/PATH or") as caught:
        open_library(chroma_url=url)
    assert f"QA_CHROMA_URL is {shown!r}: " in str(caught.value)
    assert "canary" not in str(caught.value)
    open_library().close()


@pytest.mark.parametrize(
    ("url", "address", "login"),
    [
        ("http://chroma:8000", "http://chroma:8000", None),
        ("HTTPS://chroma.example/", "https://chroma.example", None),
        ("http://[::1]:8000/a/b/", "http://[::1]:8000/a/b", None),
        (" http://chroma:8000\n", "http://chroma:8000", None),
        ("http://token@chroma", "http://chroma", "token:"),
        ("http://:word@chroma", "http://chroma", ":word"),
        ("http://u:p@ss@chroma", "http://chroma", "u:p@ss"),
        ("http://@chroma", "http://chroma", None),
    ],
)
def test_what_a_url_says(url: str, address: str, login: str | None) -> None:
    server = ChromaServer.of(url)
    assert (server.address, server.login) == (address, login)
    assert "@" not in server.place
    assert login is None or login not in repr(server)
