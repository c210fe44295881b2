"""Edits of an ad's text that are being rendered"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ad_edits",
        sa.Column("ad_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("base_id", sa.Uuid(), nullable=False),
        sa.Column("request_key", sa.String(length=200), nullable=True),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("problem", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["ad_id"], ["ads.id"], name=op.f("fk_ad_edits_ad_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["base_id"], ["ad_versions.id"], name=op.f("fk_ad_edits_base_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["business_id"], ["businesses.id"], name=op.f("fk_ad_edits_business_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_ad_edits_user_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ad_edits")),
        sa.UniqueConstraint("business_id", "request_key", name=op.f("uq_ad_edits_business_id_request_key")),
    )
    with op.batch_alter_table("ad_edits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ad_edits_ad_id"), ["ad_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ad_edits_business_id"), ["business_id"], unique=False)
        batch_op.create_index("ix_ad_edits_under_way", ["status", "next_try_at"], unique=False)


def downgrade() -> None:
    op.drop_table("ad_edits")
