"""Who may prepare and sign a guideline document, never the same person, and a log that nobody can rewrite."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from controls.guidelines.document import Reading
from controls.guidelines.reading import read_document
from controls.guidelines.standing import Sign
from service import guideline_log
from service.auth import Actor, Role
from service.database import reading, writing
from service.guideline_log import GuidelineStep
from service.problems import NotAllowed, NotPossible
from service.tables import StoredGuidelineStep

LETTER: Final = "Client: c\nEffective: 2026-01-01\n\n1. Time older than 30 days is not accepted."
ANA: Final = Actor("a1", "Ana Ortiz", Role.BILLING_REVIEWER)
BEN: Final = Actor("b1", "Ben Okoro", Role.CONTROLLER)
TOLD: Final[list[dict[str, Any]]] = [{"rules": 1}]
Take = Callable[[Actor], object]


def document(text: str = LETTER) -> Reading:
    return read_document(text, name="letter.txt")


@pytest.fixture
def prepare(engine: Engine, now: datetime) -> Take:
    def take(actor: Actor) -> None:
        with writing(engine) as session:
            guideline_log.prepare(session, actor, reading=document(), file="letter.txt", told=TOLD, now=now)

    return take


@pytest.fixture
def sign(engine: Engine, now: datetime) -> Take:
    def take(actor: Actor, text: str = LETTER) -> object:
        with writing(engine) as session:
            return guideline_log.sign(session, actor, reading=document(text), file="letter.txt", told=TOLD, now=now)

    return take


def logged(engine: Engine, client: str | None = None) -> list[GuidelineStep]:
    with reading(engine) as session:
        return list(guideline_log.steps(session, client_id=client))


def test_one_prepares_and_another_signs(engine: Engine, prepare: Take, sign: Take, now: datetime) -> None:
    prepare(ANA)
    assert sign(BEN) == Sign("Ana Ortiz", now, "Ben Okoro", now)
    assert [(one.step, one.actor, one.client_id, one.told) for one in logged(engine)] == [
        ("prepared", "Ana Ortiz", "c", ({"rules": 1},)),
        ("signed", "Ben Okoro", "c", ({"rules": 1},)),
    ]
    assert {one.digest for one in logged(engine, "c")} == {document().digest}
    assert logged(engine, "another") == []


@pytest.mark.parametrize(
    "same",
    [ANA, Actor("a2", "ana  ORTIZ", Role.CONTROLLER), Actor("a1", "Ana Ortiz-Lind", Role.CONTROLLER)],
    ids=["the same", "with another token", "under another name"],
)
def test_who_prepared_it_cannot_sign_it(same: Actor, engine: Engine, prepare: Take, sign: Take) -> None:
    prepare(ANA)
    with pytest.raises(NotPossible, match="Ana Ortiz prepared this document, so another person has to sign it"):
        sign(same)
    assert [one.step for one in logged(engine)] == ["prepared"]


@pytest.mark.parametrize("role", sorted(set(Role) - guideline_log.SIGN))
def test_who_does_not_answer_for_what_is_billed_cannot_sign(role: Role, prepare: Take, sign: Take) -> None:
    prepare(ANA)
    with pytest.raises(NotAllowed, match="takes the role billing_reviewer or controller"):
        sign(Actor("x", "Xu Li", role))


@pytest.mark.parametrize("role", sorted(set(Role) - guideline_log.PREPARE))
def test_who_has_nothing_to_do_with_billing_cannot_prepare(role: Role, prepare: Take) -> None:
    with pytest.raises(NotAllowed, match="To prepare a guideline document"):
        prepare(Actor("x", "Xu Li", role))


def test_a_document_is_prepared_and_signed_once(prepare: Take, sign: Take) -> None:
    prepare(ANA)
    with pytest.raises(NotPossible, match="was prepared by Ana Ortiz"):
        prepare(BEN)
    sign(BEN)
    with pytest.raises(NotPossible, match="was signed by Ben Okoro"):
        sign(BEN)


def test_a_letter_more_is_another_document(prepare: Take, engine: Engine, now: datetime) -> None:
    prepare(ANA)
    with pytest.raises(NotPossible, match="Nobody has prepared this document"), writing(engine) as session:
        guideline_log.sign(session, BEN, reading=document(LETTER.replace("30", "31")), file="letter.txt", told=TOLD, now=now)


@pytest.mark.parametrize("change", [sa.update(StoredGuidelineStep).values(actor="Zoe"), sa.delete(StoredGuidelineStep)])
def test_a_step_can_neither_be_changed_nor_deleted(change: sa.Executable, engine: Engine, prepare: Take) -> None:
    prepare(ANA)
    with pytest.raises(DBAPIError, match="append-only"), writing(engine) as session:
        session.execute(change)
