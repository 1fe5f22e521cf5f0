"""What people log of a client: contacts and promises. They are records of this service; nothing is sent or posted."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from service.accounts import check_account
from service.api.account_wire import Contact, ContactList, NewContact, NewPromise, Promise, PromiseList
from service.api.described import refusals
from service.api.guard import ApiActor
from service.api.replay import IdempotencyKey, answered
from service.columns import storable
from service.contacts import contacts_of
from service.contacts import log_contact as keep_contact
from service.cursors import Cursor, decode, fingerprint
from service.database import reading, writing
from service.idempotency import Answer
from service.problems import BadCursor, BadRequest, FieldError, Invalid, KeyReused, NotFound
from service.promises import promises_of
from service.promising import log_promise as keep_promise
from service.recommendations import DEFAULT_LIMIT, LARGEST_LIMIT
from service.serving import Running

router = APIRouter(prefix="/accounts", tags=["accounts"])


def account_id(client_id: Annotated[str, Path(description="Key of the client, percent-encoded.", examples=["C-104"])]) -> str:
    # What cannot be stored cannot be found; the database would refuse the question itself.
    if not storable(client_id):
        raise NotFound("There is no such account, or this role may not see it.")
    return client_id


ClientId = Annotated[str, Depends(account_id)]
Limit = Annotated[int, Query(description=f"Rows on a page; more than {LARGEST_LIMIT} are cut to {LARGEST_LIMIT}.", ge=1)]
After = Annotated[str | None, Query(description="`next_cursor` of the page before.")]


@router.post(
    "/{client_id:path}/contacts",
    status_code=HTTPStatus.CREATED,
    responses=refusals(BadRequest, NotFound, KeyReused),
    response_model=Contact,
    summary="Log a contact with a client",
)
def log_contact(
    client_id: ClientId, contact: NewContact, actor: ApiActor, running: Running, idempotency_key: IdempotencyKey = None
) -> Response:
    """Nothing is sent and nothing is posted: the contact is recorded here, for ever."""
    now = running.clock()
    with writing(running.engine) as session:

        def act() -> Answer:
            kept = keep_contact(session, actor, client_id=client_id, made=contact.made(), now=now, today=running.today(now))
            return Answer(HTTPStatus.CREATED, "", Contact.of(kept).model_dump_json().encode())

        asked = (client_id, contact.model_dump_json())
        return answered(session, actor, "log_contact", key=idempotency_key, asked=asked, now=now, act=act)


@router.get("/{client_id:path}/contacts", responses=refusals(NotFound, BadCursor), summary="List the contacts with a client, newest first")
def list_contacts(
    client_id: ClientId, actor: ApiActor, running: Running, limit: Limit = DEFAULT_LIMIT, cursor: After = None
) -> ContactList:
    before = _before(cursor, "contacts", client_id)
    size = min(limit, LARGEST_LIMIT)
    with reading(running.engine) as session:
        check_account(session, actor.sees, client_id=client_id)
        found = contacts_of(session, client_id, limit=size + 1, before=before)
    onward = _cursor("contacts", client_id, found[size - 1].id) if len(found) > size else None
    return ContactList(items=[Contact.of(one) for one in found[:size]], next_cursor=onward)


@router.post(
    "/{client_id:path}/promises",
    status_code=HTTPStatus.CREATED,
    responses=refusals(BadRequest, NotFound, KeyReused),
    response_model=Promise,
    summary="Log what a client promised to pay",
)
def log_promise(
    client_id: ClientId, promise: NewPromise, actor: ApiActor, running: Running, idempotency_key: IdempotencyKey = None
) -> Response:
    """Nothing is posted: the promise is recorded here, for ever. Whether it is kept is read from the records."""
    now = running.clock()
    if not storable(promise.invoice_id or ""):
        raise Invalid(errors=(FieldError("/body/invoice_id", "It holds a character that is not text."),))
    with writing(running.engine) as session:

        def act() -> Answer:
            kept = keep_promise(session, actor, client_id=client_id, given=promise.given(), now=now, today=running.today(now))
            return Answer(HTTPStatus.CREATED, "", Promise.of(kept).model_dump_json().encode())

        asked = (client_id, promise.model_dump_json())
        return answered(session, actor, "log_promise", key=idempotency_key, asked=asked, now=now, act=act)


@router.get(
    "/{client_id:path}/promises", responses=refusals(NotFound, BadCursor), summary="List the promises logged of a client, newest first"
)
def list_promises(
    client_id: ClientId, actor: ApiActor, running: Running, limit: Limit = DEFAULT_LIMIT, cursor: After = None
) -> PromiseList:
    """Promises that the firm's own systems recorded are evidence in the explanation of a recommendation."""
    before = _before(cursor, "promises", client_id)
    size = min(limit, LARGEST_LIMIT)
    with reading(running.engine) as session:
        check_account(session, actor.sees, client_id=client_id)
        found = promises_of(session, [client_id], limit=size + 1, before=before)
    onward = _cursor("promises", client_id, found[size - 1].id) if len(found) > size else None
    return PromiseList(items=[Promise.of(one) for one in found[:size]], next_cursor=onward)


def _cursor(what: str, client_id: str, last: int) -> str:
    return Cursor(fingerprint(what, client_id), (), "", str(last), 0).encode()


def _before(cursor: str | None, what: str, client_id: str) -> int | None:
    """Id of the last row of the page before."""
    if cursor is None:
        return None
    last = decode(cursor, asked=fingerprint(what, client_id)).id
    if not last.isdecimal() or len(last) > 18:  # noqa: PLR2004 (what a 64-bit key surely holds)
        raise BadCursor("The cursor is damaged.")
    return int(last)
