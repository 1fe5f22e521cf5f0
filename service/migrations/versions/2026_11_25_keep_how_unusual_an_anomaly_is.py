"""Keep how unusual an anomaly is: a rank beside the probability, and never in its place.

The new column may be empty, so that the release before still writes beside it.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_25_anomalies"
down_revision: str | None = "2026_11_25_contacts"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("score", sa.Column("unusualness", sa.Float(53), nullable=True))


def downgrade() -> None:
    op.drop_column("score", "unusualness")
