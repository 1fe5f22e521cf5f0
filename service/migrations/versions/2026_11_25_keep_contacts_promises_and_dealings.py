"""Keep contacts and promises that people log, what the records tell of a client's dealings, and which promise counts for a record.

The new columns have defaults or may be empty, so that the release before still writes beside it.
"""

import sqlalchemy as sa
from alembic import op

from service.columns import Instant, MoneyAmount

revision: str = "2026_11_25_contacts"
down_revision: str | None = "2026_11_23_first"
branch_labels: str | None = None
depends_on: str | None = None

LOGGED = ("contact", "promise")


def upgrade() -> None:
    op.add_column("score", sa.Column("issued_on", sa.Date(), nullable=True))
    op.add_column("score", sa.Column("in_dispute", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("recommendation", sa.Column("promise_state", sa.String(8), nullable=True))
    op.add_column("recommendation", sa.Column("promised_for_on", sa.Date(), nullable=True))
    op.add_column("recommendation", sa.Column("promised_amount", MoneyAmount(), nullable=True))
    create_dealings()
    create_contacts()
    create_promises()
    for statement in APPEND_ONLY[op.get_context().dialect.name]:
        op.execute(statement)


def create_dealings() -> None:
    op.create_table(
        "dealings",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["scoring_run.id"], name="fk_dealings_run_id"),
        sa.PrimaryKeyConstraint("run_id", "client_id", name="pk_dealings"),
    )
    op.create_index("ix_dealings_client_id", "dealings", ["client_id"])


def create_contacts() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("spoke_to", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("next_step_on", sa.Date(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("token_id", sa.Text(), nullable=False),
        sa.Column("logged_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contact"),
    )
    op.create_index("ix_contact_client_id", "contact", ["client_id"])


def create_promises() -> None:
    op.create_table(
        "promise",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("amount", MoneyAmount(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("promised_for_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("token_id", sa.Text(), nullable=False),
        sa.Column("logged_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_promise"),
    )
    op.create_index("ix_promise_client_id", "promise", ["client_id"])
    op.create_table(
        "promise_state",
        sa.Column("promise_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("paid", MoneyAmount(), nullable=False),
        sa.Column("as_of", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["promise_id"], ["promise.id"], name="fk_promise_state_promise_id"),
        sa.PrimaryKeyConstraint("promise_id", name="pk_promise_state"),
    )


REFUSE = "BEGIN RAISE EXCEPTION 'a % is append-only', TG_TABLE_NAME; END"
APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'a {table} is append-only'); END"
        for table in LOGGED
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        f"CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$ {REFUSE} $$",
        *(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
            for table in LOGGED
        ),
    ],
}


def downgrade() -> None:
    for table in ("promise_state", "promise", "contact", "dealings"):
        op.drop_table(table)
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_rewriting()")
    for table, column in (
        *(("recommendation", name) for name in ("promised_amount", "promised_for_on", "promise_state")),
        *(("score", name) for name in ("in_dispute", "issued_on")),
    ):
        op.drop_column(table, column)
