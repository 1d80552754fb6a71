"""Who may see and change stacks by a browser: whoever has the address that was printed.

Any program of any user of the machine can talk to loopback, and any page that the browser shows can
make it do so. So: a token in the address lets a browser in, and a cookie of this server alone keeps
it in. A name that is not this server's is refused, for a stranger's name may lead to 127.0.0.1 (DNS
rebinding). A form is taken from this server's own pages alone. The pages take nothing from
elsewhere, are shown in no frame, and lie in no cache.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wfbreak.diagnostics import ExitStatus, WfbreakError

if TYPE_CHECKING:
    import flask

TOKEN = "token"  # noqa: S105  # the name of it
"""In the address that is printed."""

_ENTERED = "entered"
_ANY = frozenset({"0.0.0.0", "::"})  # noqa: S104  # recognised, not bound


class OpenRefused(WfbreakError):
    """The server would be reached from other machines, and nobody has said that it may."""

    exit_status = ExitStatus.BAD_INPUT


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address or name."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Names:
    """The names of this server: ``host`` is where it listens, ``more`` what else it is called."""

    host: str
    more: tuple[str, ...] = ()

    def have(self, asked: str) -> bool:
        """Whether a request's ``Host`` means this server. Its port does not tell: there may be a
        tunnel. An address in figures is nobody's name, and so is no rebinding."""
        try:
            name = urlsplit(f"//{asked}").hostname or ""
        except ValueError:
            return False
        if name in (self.host, *self.more) or (is_loopback(self.host) and is_loopback(name)):
            return True
        return self.host in _ANY and _is_figures(name)


def _is_figures(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Door:
    """Lets in whoever has the token. It is of this process, and so are its cookies."""

    def __init__(self, names: Names) -> None:
        self.token = secrets.token_urlsafe(32)
        self._names = names

    def stranger(self, request: flask.Request) -> str | None:
        """Why a request does not come from this server's own pages, nor from an address that
        somebody has typed; ``None`` if it may."""
        if not self._names.have(request.host):
            return "This server has another name."
        origin = request.headers.get("Origin")
        if origin is None or origin == f"{request.scheme}://{request.host}":
            return None
        # A form that is sent without scripts from a page which tells no referrer tells no origin
        # either (Fetch standard, "append a request Origin header"); the browser says it otherwise.
        if origin == "null" and request.headers.get("Sec-Fetch-Site") == "same-origin":
            return None
        return "A page from elsewhere asks."

    def outside(self, session: flask.sessions.SessionMixin) -> str | None:
        """Why a browser is not let in; ``None`` if it is."""
        if session.get(_ENTERED) is True:
            return None
        return "Open the address that wfbreak ui printed when it was started."

    def knows(self, token: str) -> bool:
        return secrets.compare_digest(token.encode(), self.token.encode())

    def let_in(self, session: flask.sessions.SessionMixin) -> None:
        session[_ENTERED] = True


def headers(scripts: Iterable[str]) -> dict[str, str]:
    """What every answer says to the browser; ``scripts`` are the digests of the pages' own."""
    own = " ".join(f"'{script}'" for script in scripts)
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; form-action 'self'; "
        f"base-uri 'none'; frame-ancestors 'none'; script-src {own}"
    )
    return {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
