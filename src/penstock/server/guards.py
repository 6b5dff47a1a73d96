"""What stands before every route, as plain ASGI: Host and Origin checks, JSON only, security headers.

No reader of the token path passes through here: streaming answers use the server's own ``send`` (see ``streaming.py``),
which `Guards` leaves in the scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from penstock.composition.settings import LOOPBACK_HOSTS
from penstock.core.errors import CallerError
from penstock.server.openai_errors import answer_openai_error, is_gateway
from penstock.server.problems import answer_error

RAW_SEND: Final = "penstock.send"
"""Key of the scope under which the server's own ``send`` is found."""

SECURITY_HEADERS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (
        b"content-security-policy",
        (
            b"default-src 'self'; img-src 'self' blob: data:; connect-src 'self'; script-src 'self'; "
            b"style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
        ),
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_PROBED: Final = frozenset({"/healthz", "/readyz"})
"""Asked by balancers and container hosts, by address or without a name; the answers tell nothing that is owned."""


class Guards:
    """Refuses what no honest client sends, and adds the security headers to what is answered."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        allowed_hosts: Iterable[str],
        allowed_origins: Iterable[str] = (),
        is_host_checked: bool,
        body_limit_bytes: int,
        upload_limits: Mapping[str, int],
    ) -> None:
        """Stand before ``app``; ``allowed_hosts`` are names without port, ``allowed_origins`` whole origins.

        ``upload_limits``: paths that take files of that many bytes. They are sent as application/octet-stream, which
        is no more than JSON a type that a form of another origin's page could send.
        """
        self._app = app
        self._hosts = LOOPBACK_HOSTS | {host.lower() for host in allowed_hosts}
        self._origins = frozenset(allowed_origins)
        self._is_host_checked = is_host_checked
        self._body_limit_bytes = body_limit_bytes
        self._upload_limits = dict(upload_limits)

    def __repr__(self) -> str:
        """Show the host names that pass."""
        return f"Guards(hosts={sorted(self._hosts)}, is_host_checked={self._is_host_checked})"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or one WebSocket, which a page of any origin may try to open."""
        if scope["type"] == "websocket":
            await self._pass_socket(scope, receive, send)
        elif scope["type"] == "http":
            await self._pass_request(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _pass_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._find_sender_fault(Headers(scope=scope), path=scope["path"], is_safe=False)
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await WebSocket(scope, receive, send).send_denial_response(answer_error(refusal))

    async def _pass_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *SECURITY_HEADERS]
            await send(message)

        scope[RAW_SEND] = send
        refusal = self._find_fault(scope)
        if refusal is not None:
            answer = answer_openai_error if is_gateway(scope["path"]) else answer_error
            await answer(refusal)(scope, receive, send_secured)
            return
        await self._app(scope, receive, send_secured)

    def _find_fault(self, scope: Scope) -> CallerError | None:
        headers = Headers(scope=scope)
        is_safe = scope["method"] in _SAFE_METHODS
        fault = self._find_sender_fault(headers, path=scope["path"], is_safe=is_safe)
        if fault is not None or is_safe:
            return fault
        return self._find_body_fault(headers, self._upload_limits.get(scope["path"]))

    def _find_sender_fault(self, headers: Headers, *, path: str, is_safe: bool) -> CallerError | None:
        """Say what is wrong with who asks; what is safe may be asked from anywhere, since nobody else can read it."""
        if path not in _PROBED and not self._is_known_host(headers.get("host", "")):
            message = "This host name is not served here; the setting allowed_hosts lists the names that are."
            return CallerError(message, code="unknown_host")
        if not is_safe and headers.get("origin") not in self._origins and not _is_same_origin(headers):
            message = "Requests from pages of other origins are refused."
            return CallerError(message, code="cross_origin")
        return None

    def _find_body_fault(self, headers: Headers, upload_limit: int | None) -> CallerError | None:
        wanted = "application/json" if upload_limit is None else "application/octet-stream"
        limit = upload_limit or self._body_limit_bytes
        length = headers.get("content-length", "0")
        has_body = length != "0" or "transfer-encoding" in headers
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if has_body and media_type != wanted:
            return CallerError(f"Bodies must be sent as {wanted}.", code="unsupported_media_type")
        if length.isdecimal() and int(length[:20]) > limit:
            return CallerError(f"The body is larger than {limit} bytes.", code="too_large")
        return None

    def _is_known_host(self, host: str) -> bool:
        """Keep other names that resolve to this machine out (DNS rebinding)."""
        return not self._is_host_checked or _host_name(host) in self._hosts


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_same_origin(headers: Headers) -> bool:
    """Cross-origin protection by the browser's own word: Sec-Fetch-Site, or else Origin against Host.

    A client that sends neither is no browser.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""
    except ValueError:
        return False
