"""A run's end is noticed once, wherever it came from"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0160"
down_revision = "0150"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("batch_runs", schema=None) as batch_op:  # the default stays: older processes add runs too
        batch_op.add_column(sa.Column("is_open", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_batch_runs_open", ["is_open", "next_try_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("batch_runs", schema=None) as batch_op:
        batch_op.drop_index("ix_batch_runs_open")
        batch_op.drop_column("next_try_at")
        batch_op.drop_column("is_open")
