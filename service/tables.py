"""What the service stores: scoring runs and their scores, recommendations and the decisions on them, contacts, promises, tokens, keys."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from models.dealings import PromiseState
from service.columns import Instant, MoneyAmount

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraints carry the same names on both databases, so that a migration can name them."""

SerialKey = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only in a column declared INTEGER."""


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


class StoredRun(Base):
    """One scoring of one risk. At most one run of a risk is current: the worklist shows it."""

    __tablename__ = "scoring_run"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    risk: Mapped[str] = mapped_column(Text)
    as_of: Mapped[datetime] = mapped_column(Instant)
    scored_at: Mapped[datetime] = mapped_column(Instant)
    published_at: Mapped[datetime] = mapped_column(Instant)
    is_current: Mapped[bool] = mapped_column(Boolean)
    findings: Mapped[int] = mapped_column(Integer)
    model_version: Mapped[str] = mapped_column(Text)
    model_digest: Mapped[str] = mapped_column(Text)
    lake_versions: Mapped[dict[str, int]] = mapped_column(JSON)
    withheld: Mapped[str] = mapped_column(Text)
    notices: Mapped[list[str]] = mapped_column(JSON)
    __table_args__ = (
        Index("uq_scoring_run_current", "risk", unique=True, sqlite_where=text("is_current"), postgresql_where=text("is_current")),
    )


class StoredScore(Base):
    """One finding of one run, as it was scored: never changed afterwards."""

    __tablename__ = "score"
    run_id: Mapped[str] = mapped_column(ForeignKey("scoring_run.id"), primary_key=True)
    finding_id: Mapped[str] = mapped_column(Text, primary_key=True, index=True)
    rank: Mapped[int] = mapped_column(Integer)
    expected_loss: Mapped[Decimal] = mapped_column(MoneyAmount)
    stake_reporting: Mapped[Decimal] = mapped_column(MoneyAmount)
    reporting_currency: Mapped[str] = mapped_column(String(3))
    amount_at_stake: Mapped[Decimal] = mapped_column(MoneyAmount)
    currency: Mapped[str] = mapped_column(String(3))
    kind: Mapped[str] = mapped_column(Text)
    risk: Mapped[str] = mapped_column(Text)
    entity_type: Mapped[str] = mapped_column(Text)
    entity_id: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    owner_role: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text)
    client_name: Mapped[str] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(Text)
    search_text: Mapped[str] = mapped_column(Text)
    """Case-folded client, reference, title and record id: SQLite and PostgreSQL fold case differently."""
    due_on: Mapped[date | None] = mapped_column(Date)
    issued_on: Mapped[date | None] = mapped_column(Date)
    in_dispute: Mapped[bool] = mapped_column(Boolean)
    probability: Mapped[float | None] = mapped_column(Float(53))
    rule_probability: Mapped[float | None] = mapped_column(Float(53))
    unusualness: Mapped[float | None] = mapped_column(Float(53))
    """Of an anomaly: share of past records at least as unusual. A rank, no probability."""
    predicted_on: Mapped[date | None] = mapped_column(Date)
    predicted_low_on: Mapped[date | None] = mapped_column(Date)
    predicted_high_on: Mapped[date | None] = mapped_column(Date)
    top_reason: Mapped[str] = mapped_column(Text)
    suggestion: Mapped[str] = mapped_column(Text)
    provisional: Mapped[bool] = mapped_column(Boolean)
    case_key: Mapped[str | None] = mapped_column(Text)
    """What a reviewer looks at in one go: the bill that it is about, or a record that is on none."""
    stage: Mapped[str | None] = mapped_column(String(16))
    """Of that bill: draft, fresh, issued; unbilled where there is none."""
    happened: Mapped[bool | None] = mapped_column(Boolean)
    """What it warns of has happened already: a fact, without a probability. Empty where it was scored before this was kept."""
    explanation: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Reasons, evidence, facts and predicted dates: read for one recommendation at a time."""
    __table_args__ = (Index("ix_score_run_rank", "run_id", "rank", unique=True),)


class StoredDealings(Base):
    """What one run read of a client that is called: its promises, payments and disputes. Never changed afterwards."""

    __tablename__ = "dealings"
    run_id: Mapped[str] = mapped_column(ForeignKey("scoring_run.id"), primary_key=True)
    client_id: Mapped[str] = mapped_column(Text, primary_key=True, index=True)
    told: Mapped[dict[str, Any]] = mapped_column(JSON)


class StoredRecommendation(Base):
    """A finding that people act on. Its id is the finding's, so it outlives every re-score."""

    __tablename__ = "recommendation"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    risk: Mapped[str] = mapped_column(Text, index=True)
    entity_type: Mapped[str] = mapped_column(Text)
    entity_id: Mapped[str] = mapped_column(Text)
    owner_role: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text, index=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("scoring_run.id"))
    """The last current run that found it."""
    version: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(16), index=True)
    status_before_close: Mapped[str | None] = mapped_column(String(16))
    snoozed_until: Mapped[datetime | None] = mapped_column(Instant)
    dismiss_reason: Mapped[str | None] = mapped_column(String(32))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[str] = mapped_column(Text)
    first_found_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_sentence: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(String(16))
    outcome_on: Mapped[date | None] = mapped_column(Date)
    promise_state: Mapped[PromiseState | None] = mapped_column(String(8))
    """Of the promise made last that is about the record, from the records or logged here; None without one."""
    promised_for_on: Mapped[date | None] = mapped_column(Date)
    promised_amount: Mapped[Decimal | None] = mapped_column(MoneyAmount)
    """The part of it that falls on this record and has not come, in the record's currency."""


class StoredDecision(Base):
    """Append-only: what happened to a recommendation, and what the person saw. No row is ever changed or deleted."""

    __tablename__ = "decision"
    id: Mapped[int] = mapped_column(SerialKey, primary_key=True, autoincrement=True)
    recommendation_id: Mapped[str] = mapped_column(ForeignKey("recommendation.id"), index=True)
    verdict: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(32))
    note: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    token_id: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(Instant)
    snoozed_until: Mapped[datetime | None] = mapped_column(Instant)
    run_id: Mapped[str] = mapped_column(ForeignKey("scoring_run.id"))
    rank: Mapped[int | None] = mapped_column(Integer)
    """As the person saw it; None for what the records and the clock did."""
    probability: Mapped[float | None] = mapped_column(Float(53))
    """As shown: None when it was certain or withheld."""


class StoredContact(Base):
    """Append-only: that somebody spoke or wrote to a client, as the person logged it. A record of this service alone."""

    __tablename__ = "contact"
    id: Mapped[int] = mapped_column(SerialKey, primary_key=True, autoincrement=True)
    client_id: Mapped[str] = mapped_column(Text, index=True)
    channel: Mapped[str] = mapped_column(String(16))
    spoke_to: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(Text)
    next_step_on: Mapped[date | None] = mapped_column(Date)
    actor: Mapped[str] = mapped_column(Text)
    token_id: Mapped[str] = mapped_column(Text)
    logged_at: Mapped[datetime] = mapped_column(Instant)


class StoredPromise(Base):
    """Append-only: what a client promised to pay, as a person logged it. A record of this service alone."""

    __tablename__ = "promise"
    id: Mapped[int] = mapped_column(SerialKey, primary_key=True, autoincrement=True)
    client_id: Mapped[str] = mapped_column(Text, index=True)
    invoice_id: Mapped[str] = mapped_column(Text)
    """Empty for one about all that the client owed then."""
    reference: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(MoneyAmount)
    currency: Mapped[str] = mapped_column(String(3))
    made_on: Mapped[date] = mapped_column(Date)
    promised_for_on: Mapped[date] = mapped_column(Date)
    note: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    token_id: Mapped[str] = mapped_column(Text)
    logged_at: Mapped[datetime] = mapped_column(Instant)


class StoredPromiseState(Base):
    """What the records show of a logged promise: worked out anew by each scoring run, and open before the first."""

    __tablename__ = "promise_state"
    promise_id: Mapped[int] = mapped_column(ForeignKey("promise.id"), primary_key=True)
    state: Mapped[PromiseState] = mapped_column(String(8))
    paid: Mapped[Decimal] = mapped_column(MoneyAmount)
    as_of: Mapped[datetime] = mapped_column(Instant)
    """End of the records that it was judged by."""


class StoredGuidelineStep(Base):
    """Append-only: that a person prepared or signed a client's guideline document, once each."""

    __tablename__ = "guideline_step"
    id: Mapped[int] = mapped_column(SerialKey, primary_key=True, autoincrement=True)
    step: Mapped[str] = mapped_column(String(16))
    """prepared or signed."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the document: what was signed, to the letter."""
    client_id: Mapped[str] = mapped_column(Text, index=True)
    file: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    told: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """The rules with their clauses as they were read then, and what was told of them."""
    actor: Mapped[str] = mapped_column(Text)
    token_id: Mapped[str] = mapped_column(Text)
    taken_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (UniqueConstraint("digest", "step"),)


class StoredToken(Base):
    __tablename__ = "access_token"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    """Public part of the token."""
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    """SHA-256 of the secret part, which has 256 bits: a slow hash would add nothing but a way to overload the service."""
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class EndedSession(Base):
    """A browser session that was signed out before its cookie ran out."""

    __tablename__ = "ended_session"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(Instant)


class StoredAnswer(Base):
    """The answer that a repeated request gets again (IETF Idempotency-Key draft 07)."""

    __tablename__ = "idempotency_key"
    principal: Mapped[str] = mapped_column(Text, primary_key=True)
    route: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int] = mapped_column(Integer)
    etag: Mapped[str] = mapped_column(Text)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
