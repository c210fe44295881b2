"""Conversations, their turns and what was said"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chats",
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        *_owned("chats"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_chats_user_id"), ondelete="SET NULL"),
    )
    op.create_index(op.f("ix_chats_business_id"), "chats", ["business_id"])
    op.create_index("ix_chats_list", "chats", ["business_id", "deleted_at", "touched_at"])

    op.create_table(
        "chat_turns",
        sa.Column("chat_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("request_key", sa.String(length=80), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("problem", sa.String(length=20), nullable=False),
        sa.Column("stop_wanted", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        *_owned("chat_turns"),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_chat_turns_chat_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_chat_turns_user_id"), ondelete="SET NULL"),
        sa.UniqueConstraint("chat_id", "request_key", name=op.f("uq_chat_turns_chat_id_request_key")),
    )
    op.create_index(op.f("ix_chat_turns_business_id"), "chat_turns", ["business_id"])
    op.create_index(op.f("ix_chat_turns_chat_id"), "chat_turns", ["chat_id"])
    op.create_index("ix_chat_turns_due", "chat_turns", ["status", "next_try_at"])

    op.create_table(
        "chat_messages",
        sa.Column("chat_id", sa.Uuid(), nullable=False),
        sa.Column("turn_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        *_owned("chat_messages"),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_chat_messages_chat_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["chat_turns.id"], name=op.f("fk_chat_messages_turn_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("chat_id", "number", name=op.f("uq_chat_messages_chat_id_number")),
    )
    op.create_index(op.f("ix_chat_messages_business_id"), "chat_messages", ["business_id"])
    op.create_index(op.f("ix_chat_messages_turn_id"), "chat_messages", ["turn_id"])


def _owned(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """What every table of a business has."""
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id"], ["businesses.id"], name=op.f(f"fk_{table}_business_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
