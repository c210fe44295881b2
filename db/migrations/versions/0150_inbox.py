"""What visitors of homepages wrote"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0150"
down_revision = "0130"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_messages",
        sa.Column("homepage_id", sa.Uuid(), nullable=True),
        sa.Column("letter_id", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("reply", sa.String(length=120), nullable=False),
        sa.Column("wanted", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["businesses.id"], name=op.f("fk_contact_messages_business_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["homepage_id"], ["homepages.id"], name=op.f("fk_contact_messages_homepage_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_messages")),
        sa.UniqueConstraint("letter_id", name=op.f("uq_contact_messages_letter_id")),
    )
    with op.batch_alter_table("contact_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_messages_business_id"), ["business_id"], unique=False)
        batch_op.create_index("ix_contact_messages_shelf", ["business_id", "created_at"], unique=False)


def downgrade() -> None:
    op.drop_table("contact_messages")
