"""Runs of many ads, and their rows"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0110"
down_revision = "0100"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _runs()
    _items()


def downgrade() -> None:
    op.drop_table("batch_items")
    op.drop_table("batch_runs")


def _runs() -> None:
    op.create_table(
        "batch_runs",
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reuse", sa.Boolean(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["businesses.id"], name=op.f("fk_batch_runs_business_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_batch_runs_campaign_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_batch_runs_user_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_runs")),
    )
    with op.batch_alter_table("batch_runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_runs_business_id"), ["business_id"], unique=False)
        batch_op.create_index("ix_batch_runs_list", ["business_id", "created_at", "id"], unique=False)


def _items() -> None:
    op.create_table(
        "batch_items",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("price", sa.Integer(), nullable=True),
        sa.Column("unit", sa.String(length=30), nullable=False),
        sa.Column("notes", sa.String(length=1000), nullable=False),
        sa.Column("photo", sa.String(length=120), nullable=False),
        sa.Column("thumb", sa.String(length=120), nullable=False),
        sa.Column("known_id", sa.Uuid(), nullable=True),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("ad_id", sa.Uuid(), nullable=True),
        sa.Column("order", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("problem", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["ad_id"], ["ads.id"], name=op.f("fk_batch_items_ad_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["business_id"], ["businesses.id"], name=op.f("fk_batch_items_business_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["known_id"], ["products.id"], name=op.f("fk_batch_items_known_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_batch_items_product_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["batch_runs.id"], name=op.f("fk_batch_items_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_items")),
        sa.UniqueConstraint("run_id", "position", name=op.f("uq_batch_items_run_id_position")),
    )
    with op.batch_alter_table("batch_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_batch_items_ad_id"), ["ad_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_batch_items_business_id"), ["business_id"], unique=False)
        batch_op.create_index("ix_batch_items_waiting", ["status", "next_try_at"], unique=False)
