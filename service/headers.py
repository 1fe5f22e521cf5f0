"""What every answer carries: an id of the request, the rules for the browser, and a new browser's cookie."""

import secrets
from typing import Final

from fastapi import Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.sessions import Browser, remember

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Headers:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        request.state.request_id = secrets.token_hex(8)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request.state.request_id
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                # A firm's money is not for a cache that others use too; static files say otherwise themselves.
                headers.setdefault("Cache-Control", "no-store")
                _remember_new(request, headers)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _remember_new(request: Request, headers: MutableHeaders) -> None:
    new: Browser | None = getattr(request.state, "new_browser", None)
    if new:
        response = Response()
        remember(request, response, new)
        headers.append("Set-Cookie", response.headers["set-cookie"])
