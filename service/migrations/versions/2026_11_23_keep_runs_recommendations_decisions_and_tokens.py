"""Keep scoring runs and their scores, recommendations and the decisions on them, tokens and keys."""

import sqlalchemy as sa
from alembic import op

from service.columns import Instant, MoneyAmount

revision: str = "2026_11_23_first"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    create_runs()
    create_scores()
    create_recommendations()
    create_decisions()
    create_access()
    create_answers()


def create_runs() -> None:
    op.create_table(
        "scoring_run",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("as_of", Instant(), nullable=False),
        sa.Column("scored_at", Instant(), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("model_digest", sa.Text(), nullable=False),
        sa.Column("lake_versions", sa.JSON(), nullable=False),
        sa.Column("withheld", sa.Text(), nullable=False),
        sa.Column("notices", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scoring_run"),
    )
    current = sa.text("is_current")
    op.create_index("uq_scoring_run_current", "scoring_run", ["risk"], unique=True, sqlite_where=current, postgresql_where=current)


def create_scores() -> None:
    op.create_table(
        "score",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("finding_id", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("expected_loss", MoneyAmount(), nullable=False),
        sa.Column("stake_reporting", MoneyAmount(), nullable=False),
        sa.Column("reporting_currency", sa.String(3), nullable=False),
        sa.Column("amount_at_stake", MoneyAmount(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("entity_type", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("owner_role", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("client_name", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("probability", sa.Float(53), nullable=True),
        sa.Column("rule_probability", sa.Float(53), nullable=True),
        sa.Column("predicted_on", sa.Date(), nullable=True),
        sa.Column("predicted_low_on", sa.Date(), nullable=True),
        sa.Column("predicted_high_on", sa.Date(), nullable=True),
        sa.Column("top_reason", sa.Text(), nullable=False),
        sa.Column("suggestion", sa.Text(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("explanation", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["scoring_run.id"], name="fk_score_run_id"),
        sa.PrimaryKeyConstraint("run_id", "finding_id", name="pk_score"),
    )
    op.create_index("ix_score_finding_id", "score", ["finding_id"])
    op.create_index("ix_score_run_rank", "score", ["run_id", "rank"], unique=True)


def create_recommendations() -> None:
    op.create_table(
        "recommendation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("entity_type", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("owner_role", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("status_before_close", sa.String(16), nullable=True),
        sa.Column("snoozed_until", Instant(), nullable=True),
        sa.Column("dismiss_reason", sa.String(32), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("first_found_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("closed_sentence", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=True),
        sa.Column("outcome_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["scoring_run.id"], name="fk_recommendation_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_recommendation"),
    )
    for column in ("client_id", "risk", "status"):
        op.create_index(f"ix_recommendation_{column}", "recommendation", [column])


def create_decisions() -> None:
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("recommendation_id", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("token_id", sa.Text(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.Column("snoozed_until", Instant(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("probability", sa.Float(53), nullable=True),
        sa.ForeignKeyConstraint(["recommendation_id"], ["recommendation.id"], name="fk_decision_recommendation_id"),
        sa.ForeignKeyConstraint(["run_id"], ["scoring_run.id"], name="fk_decision_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
    )
    op.create_index("ix_decision_recommendation_id", "decision", ["recommendation_id"])
    for statement in APPEND_ONLY[op.get_context().dialect.name]:
        op.execute(statement)


APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER decision_no_{verb.lower()} BEFORE {verb} ON decision BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'decisions are append-only'; END $$",
        "CREATE TRIGGER decision_append_only BEFORE UPDATE OR DELETE ON decision FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    ],
}


def create_access() -> None:
    op.create_table(
        "access_token",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_access_token"),
    )
    op.create_table(
        "ended_session",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ended_session"),
    )


def create_answers() -> None:
    op.create_table(
        "idempotency_key",
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("principal", "route", "key", name="pk_idempotency_key"),
    )
    op.create_index("ix_idempotency_key_expires_at", "idempotency_key", ["expires_at"])


def downgrade() -> None:
    for table in ("idempotency_key", "ended_session", "access_token", "decision", "recommendation", "score", "scoring_run"):
        op.drop_table(table)
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")
