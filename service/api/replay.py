"""A request that is sent again under its Idempotency-Key gets the answer of the first time."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import Header, Response
from sqlalchemy.orm import Session

from service.auth import Actor
from service.idempotency import Answer, Claim, check_key, once

IdempotencyKey = Annotated[
    str | None,
    Header(
        description="Any text that is new for each request: the same request sent again within 24 hours gets the same answer.",
    ),
]


def answered(
    session: Session, actor: Actor, operation: str, *, key: str | None, asked: tuple[str, ...], now: datetime, act: Callable[[], Answer]
) -> Response:
    """What `act` answers, once for each key; `asked` is all that was asked for. The caller commits."""
    if key is None:
        answer = act()
    else:
        request = "\n".join(asked).encode(errors="surrogatepass")
        answer = once(session, Claim(actor.token_id, operation, check_key(key), request), now=now, act=act)
    headers = ({"ETag": answer.etag} if answer.etag else {}) | ({"Idempotency-Replayed": "true"} if answer.replayed else {})
    return Response(answer.body, answer.status, headers, "application/json")
