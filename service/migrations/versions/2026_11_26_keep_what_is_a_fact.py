"""Keep what is a fact: a risk whose outcome the records show already has no probability.

The new column may be empty, so that the release before still writes beside it. What is there already keeps the probability of 1 that it was
told with, until the next scoring.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_26_facts"
down_revision: str | None = "2026_11_26_bearing"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("score", sa.Column("happened", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("score", "happened")
