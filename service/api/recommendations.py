"""The worklist for programs: list, read, explain, decide."""

from decimal import Decimal
from http import HTTPStatus
from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from models.finding import Role as OwnerRole
from models.finding import finding_id
from service.api.decision_wire import Decision
from service.api.described import refusals
from service.api.explanation_wire import Explanation, RecommendationDetail
from service.api.guard import ApiActor
from service.api.recommendation_wire import Recommendation, RecommendationList
from service.api.replay import IdempotencyKey, answered
from service.columns import storable
from service.database import reading, writing
from service.decisions import decide
from service.explanation import find_recommendation
from service.idempotency import Answer
from service.problems import BadCursor, BadRequest, Changed, FieldError, Invalid, KeyReused, NotFound, NotPossible
from service.recommendations import DEFAULT_LIMIT, LARGEST_LIMIT
from service.recommendations import list_recommendations as find_page
from service.row import Filters, Sort
from service.serving import Running
from service.status import Mark, View

router = APIRouter(prefix="/recommendations", tags=["recommendations"])

Text = Annotated[str, Query(max_length=200)]
LARGEST_AMOUNT = Decimal(10) ** 13


def recommendation_id(
    id: Annotated[str, Path(description="Id of the recommendation, percent-encoded.", examples=["collections:INV-20177:once"])],
) -> str:
    # What cannot be stored cannot be found; the database would refuse the question itself.
    if not storable(id):
        raise NotFound("There is no such recommendation, or this role may not see it.")
    return canonical_finding_id(id)


def canonical_finding_id(text: str) -> str:
    """The id as it is kept, for a client that sends it decoded: "collections:INV/1:once" is meant as "collections:INV%2F1:once"."""
    check, _, rest = text.partition(":")
    entity_id, _, period = rest.rpartition(":")
    return finding_id(check, unquote(entity_id), period)


RecommendationId = Annotated[str, Depends(recommendation_id)]


def filters(
    status: Annotated[View, Query(description="open (with snoozes whose time has come), snoozed, decided or closed.")] = View.OPEN,
    owner_role: Annotated[list[OwnerRole] | None, Query(description="Of these owners; repeat for more.", examples=[["collector"]])] = None,
    risk: Annotated[list[Text] | None, Query(description="Of these risks; repeat for more.", examples=[["collections"]])] = None,
    client_id: Annotated[Text | None, Query(description="Of this client.", examples=["C-104"])] = None,
    currency: Annotated[list[Text] | None, Query(description="At stake in these currencies, ISO 4217.", examples=[["GBP"]])] = None,
    min_at_risk: Annotated[
        Decimal | None,
        Query(description="At stake, at least; in the reporting currency.", examples=["500"], ge=0, le=LARGEST_AMOUNT, decimal_places=4),
    ] = None,
    mark: Annotated[
        Mark | None,
        Query(
            description="Singled out by a promise that was not kept, one due within 7 days, an open dispute, or being new for 7 days.",
            examples=["broken_promise"],
        ),
    ] = None,
    search: Annotated[str, Query(description="Words of client, reference, title or record id; all must occur.", max_length=200)] = "",
) -> Filters:
    asked = Filters(
        view=status,
        owner_roles=tuple(owner_role or ()),
        risks=tuple(risk or ()),
        client_id=client_id,
        currencies=tuple(currency or ()),
        min_at_risk=min_at_risk,
        mark=mark,
        search=search,
    )
    unfit = [name for name, texts in _texts(asked).items() if not all(map(storable, texts))]
    if unfit:
        raise Invalid(errors=tuple(FieldError(f"/query/{name}", "It holds a character that is not text.") for name in unfit))
    return asked


def _texts(asked: Filters) -> dict[str, tuple[str, ...]]:
    return {
        "risk": tuple(asked.risks),
        "client_id": (asked.client_id or "",),
        "currency": tuple(asked.currencies),
        "search": (asked.search,),
    }


@router.get("", responses=refusals(BadCursor), summary="List recommendations, largest expected loss first")
def list_recommendations(
    actor: ApiActor,
    running: Running,
    asked: Annotated[Filters, Depends(filters)],
    sort: Annotated[
        Sort | None,
        Query(description="Default: -expected_loss; for closed ones -closed_at, which is theirs alone."),
    ] = None,
    limit: Annotated[
        int, Query(description=f"Rows on a page; more than {LARGEST_LIMIT} are cut to {LARGEST_LIMIT}.", ge=1)
    ] = DEFAULT_LIMIT,
    cursor: Annotated[
        str | None,
        Query(description="`next_cursor` of the page before, with the same filters and order. It pins the scoring runs."),
    ] = None,
) -> RecommendationList:
    """Only recommendations of owners that the token's role may see. A re-score between two pages neither repeats nor skips a row."""
    with reading(running.engine) as session:
        found = find_page(
            session, actor.sees, now=running.clock(), filters=asked, sort=sort, cursor=cursor, limit=min(limit, LARGEST_LIMIT)
        )
    return RecommendationList(items=[Recommendation.of(row) for row in found.items], next_cursor=found.next_cursor)


@router.get("/{id:path}/explanation", responses=refusals(NotFound), summary="Say why: evidence, likelihood, reasons for and against")
def explain_recommendation(id: RecommendationId, actor: ApiActor, running: Running, response: Response) -> Explanation:
    with reading(running.engine) as session:
        found = find_recommendation(session, actor.sees, id=id, now=running.clock())
    if found is None:
        raise NotFound("There is no such recommendation, or this role may not see it.")
    response.headers["ETag"] = found.row.etag
    return Explanation.of(found.row, found.explanation)


@router.post(
    "/{id:path}/decisions",
    status_code=HTTPStatus.CREATED,
    responses=refusals(BadRequest, NotFound, NotPossible, Changed, KeyReused),
    response_model=Recommendation,
    summary="Record what a person decided",
)
def decide_recommendation(
    id: RecommendationId,
    decision: Decision,
    actor: ApiActor,
    running: Running,
    if_match: Annotated[str | None, Header(description="The ETag that was read: 412 when it has changed since.", max_length=500)] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Nothing is posted anywhere: the decision is recorded here, for ever, with what the person saw."""
    now = running.clock()
    with writing(running.engine) as session:

        def act() -> Answer:
            row = decide(session, actor, id=id, choice=decision.choice(), now=now, if_match=if_match)
            return Answer(HTTPStatus.CREATED, row.etag, Recommendation.of(row).model_dump_json().encode())

        asked = (id, if_match or "", decision.model_dump_json())
        return answered(session, actor, "decide_recommendation", key=idempotency_key, asked=asked, now=now, act=act)


# After the two above, whose addresses it would take for ids.
@router.get("/{id:path}", responses=refusals(NotFound), summary="Read one recommendation with its explanation and history")
def read_recommendation(id: RecommendationId, actor: ApiActor, running: Running, response: Response) -> RecommendationDetail:
    with reading(running.engine) as session:
        found = find_recommendation(session, actor.sees, id=id, now=running.clock())
    if found is None:
        raise NotFound("There is no such recommendation, or this role may not see it.")
    response.headers["ETag"] = found.row.etag
    return RecommendationDetail.of(found)
