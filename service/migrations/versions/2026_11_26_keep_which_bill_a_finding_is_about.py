"""Keep which bill a finding is about, and whether that is a draft: what a billing reviewer looks at first.

The new columns may be empty, so that the release before still writes beside them. What is there already is told by its record: an invoice
is its own bill, and of all else it is learned with the next scoring.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_26_bearing"
down_revision: str | None = "2026_11_26_guidelines"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("score", sa.Column("case_key", sa.Text(), nullable=True))
    op.add_column("score", sa.Column("stage", sa.String(16), nullable=True))
    score = sa.table("score", *(sa.column(name) for name in ("case_key", "stage", "entity_type", "entity_id", "issued_on")))
    bill = sa.case((score.c.issued_on.is_(None), "draft"), else_="fresh")
    stage = sa.case((score.c.entity_type == "invoice", bill), else_="unbilled")
    op.execute(score.update().values(case_key=score.c.entity_type + ":" + score.c.entity_id, stage=stage))


def downgrade() -> None:
    op.drop_column("score", "stage")
    op.drop_column("score", "case_key")
