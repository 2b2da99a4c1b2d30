"""Where a Chroma server is, and the login that it or a proxy in front of it asks for: what its URL says."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from vectorstore.errors import LibraryError

_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")  # Chroma's client escapes everything else, or escapes it again
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NO_PORT = re.compile(r"^([^/:\[]*):(?!\d*(?:/|$)).*", re.DOTALL)
_QUERY = re.compile(r"[?#].*", re.DOTALL)


@dataclass(frozen=True)
class ChromaServer:
    """What a client of it is given."""

    place: str
    """Its URL without the login: for people, and for files."""
    address: str
    """Scheme, host, port and path, as Chroma's client takes them."""
    login: str | None = field(repr=False)
    """``user:password`` for basic authentication, if there is one."""

    @classmethod
    def of(cls, url: str) -> ChromaServer:
        """Return what ``url`` says.

        Raises:
            LibraryError: it is no URL, or says what Chroma's client can't be told. The password isn't shown.
        """
        url = url.strip()
        try:
            return cls._of(url)
        except ValueError as error:
            raise LibraryError(
                f"QA_CHROMA_URL is {_shown(url)!r}: {error}; "
                "give http://HOST:8000, https://HOST/PATH or https://USER:PASSWORD@HOST"
            ) from None

    @classmethod
    def _of(cls, url: str) -> ChromaServer:
        """Raise ValueError, saying what is wrong with ``url`` without quoting it."""
        parts = _split(url)
        userinfo, at, host = parts.netloc.rpartition("@")
        address = f"{parts.scheme}://{host}{parts.path.rstrip('/')}"
        return cls(f"{parts.scheme}://{host}{parts.path}" if at else url, address, _login(userinfo))


def _split(url: str) -> SplitResult:
    if _CONTROL.search(url):  # urlsplit leaves some of them out
        raise ValueError("there is a control character in it")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError("it is no URL") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError("it begins neither with http:// nor with https://")
    if "@" in parts.path + parts.query + parts.fragment:
        raise ValueError('in a name or password, "/" is written %2F, "?" %3F and "#" %23')
    if parts.query or parts.fragment:
        raise ValueError("Chroma's client takes no query and no fragment")
    if not parts.hostname:
        raise ValueError("it names no host")
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("its port is no number from 0 to 65535") from None
    if not _PATH.fullmatch(parts.path):
        raise ValueError("Chroma's client takes a path of letters, digits and - . _ ~ between single slashes only")
    return parts


def _login(userinfo: str) -> str | None:
    user, _, password = userinfo.partition(":")
    try:
        user, password = unquote(user, errors="strict"), unquote(password, errors="strict")
    except UnicodeDecodeError:
        raise ValueError("its login is not percent-encoded UTF-8") from None
    if ":" in user or _CONTROL.search(user + password):
        raise ValueError("basic authentication takes no colon in a name, and no control character")
    return f"{user}:{password}" if user or password else None


def _shown(url: str) -> str:
    """Return ``url`` without what is, or may have been meant to be, a login or a key."""
    scheme, slashes, rest = url.partition("://")
    if not slashes:
        scheme, rest = "", url
    _, at, place = rest.rpartition("@")
    place = _NO_PORT.sub(r"\1:***", _QUERY.sub("?***", place))
    return f"{scheme}{slashes}{'***@' if at else ''}{place}"
