"""Keep who prepared and who signed a client's guideline document, with the document to the letter.

A new table, so that the release before still writes beside it.
"""

import sqlalchemy as sa
from alembic import op

from service.columns import Instant

revision: str = "2026_11_26_guidelines"
down_revision: str | None = "2026_11_25_anomalies"
branch_labels: str | None = None
depends_on: str | None = None

REFUSE = "BEGIN RAISE EXCEPTION 'a guideline_step is append-only'; END"
EACH = "FOR EACH ROW EXECUTE FUNCTION refuse_rewriting_guidelines()"
APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER guideline_step_no_{verb.lower()} BEFORE {verb} ON guideline_step "
        "BEGIN SELECT RAISE(ABORT, 'a guideline_step is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        f"CREATE FUNCTION refuse_rewriting_guidelines() RETURNS trigger LANGUAGE plpgsql AS $$ {REFUSE} $$",
        f"CREATE TRIGGER guideline_step_append_only BEFORE UPDATE OR DELETE ON guideline_step {EACH}",
    ],
}


def upgrade() -> None:
    op.create_table(
        "guideline_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("step", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("token_id", sa.Text(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_guideline_step"),
        sa.UniqueConstraint("digest", "step", name="uq_guideline_step_digest_step"),
    )
    op.create_index("ix_guideline_step_client_id", "guideline_step", ["client_id"])
    for statement in APPEND_ONLY[op.get_context().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("guideline_step")
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_rewriting_guidelines()")
