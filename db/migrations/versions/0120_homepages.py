"""Homepages and what is wished of them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0120"
down_revision = "0110"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "homepages",
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("slug", sa.String(length=63), nullable=True),
        sa.Column("draft", sa.String(length=80), nullable=True),
        sa.Column("published", sa.String(length=80), nullable=True),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["businesses.id"], name=op.f("fk_homepages_business_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_homepages")),
        sa.UniqueConstraint("slug", name=op.f("uq_homepages_slug")),
    )
    with op.batch_alter_table("homepages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_homepages_business_id"), ["business_id"], unique=False)
        batch_op.create_index("ix_homepages_shelf", ["business_id", "deleted_at", "created_at"], unique=False)

    op.create_table(
        "homepage_tasks",
        sa.Column("homepage_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("job_id", sa.String(length=80), nullable=True),
        sa.Column("progress", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("problem", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("stop_wanted", sa.Boolean(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["businesses.id"], name=op.f("fk_homepage_tasks_business_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["homepage_id"], ["homepages.id"], name=op.f("fk_homepage_tasks_homepage_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_homepage_tasks_user_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_homepage_tasks")),
        sa.UniqueConstraint("business_id", "request_key", name=op.f("uq_homepage_tasks_business_id_request_key")),
    )
    with op.batch_alter_table("homepage_tasks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_homepage_tasks_business_id"), ["business_id"], unique=False)
        batch_op.create_index("ix_homepage_tasks_due", ["status", "next_try_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_homepage_tasks_homepage_id"), ["homepage_id"], unique=False)
