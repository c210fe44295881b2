"""Notes on pictures wait for their answer"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0130"
down_revision = "0120"
branch_labels = None
depends_on = None

_FILLED = ("model", "locale", "status", "attempt", "tries")
_EMPTY = ("request_key", "job_id", "progress", "problem", "next_try_at", "finished_at")


def upgrade() -> None:
    with op.batch_alter_table("picture_notes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("request_key", sa.String(length=100), nullable=True))
        batch_op.add_column(sa.Column("model", sa.String(length=10), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("locale", sa.String(length=2), nullable=False, server_default="ko"))
        batch_op.add_column(sa.Column("status", sa.String(length=10), nullable=False, server_default="done"))
        batch_op.add_column(sa.Column("job_id", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("progress", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("problem", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("attempt", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_unique_constraint(
            batch_op.f("uq_picture_notes_business_id_request_key"), ["business_id", "request_key"]
        )
        batch_op.create_index("ix_picture_notes_due", ["status", "next_try_at"], unique=False)
    with op.batch_alter_table("picture_notes", schema=None) as batch_op:  # what is written from now on says it itself
        for name in _FILLED:
            batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("picture_notes", schema=None) as batch_op:
        batch_op.drop_index("ix_picture_notes_due")
        batch_op.drop_constraint(batch_op.f("uq_picture_notes_business_id_request_key"), type_="unique")
        for name in (*_FILLED, *_EMPTY):
            batch_op.drop_column(name)
