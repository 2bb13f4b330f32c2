"""Sessions, versions of tasks, what is due and how urgent, and a record of what was removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _number_changes()
    _give_tasks_more_fields()
    _keep_sessions()
    _record_removals()


def _number_changes() -> None:
    op.add_column("users", sa.Column("changes", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("users", sa.Column("forgotten", sa.BigInteger, nullable=False, server_default="0"))


def _give_tasks_more_fields() -> None:
    tags = sa.JSON().with_variant(JSONB(), "postgresql")
    for column in (
        sa.Column("priority", sa.SmallInteger, nullable=False, server_default="1"),
        sa.Column("due", sa.Date),
        sa.Column("tags", tags, nullable=False, server_default="[]"),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
    ):
        op.add_column("tasks", column)
    op.execute("UPDATE tasks SET completed_at = updated_at WHERE status = 'done'")
    op.create_index("ix_tasks_owner_id_version", "tasks", ["owner_id", "version"])


def _keep_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, index=True),
    )


def _record_removals() -> None:
    op.create_table(
        "removals",
        sa.Column("owner_id", sa.Uuid, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("task_id", sa.Uuid, nullable=False),
    )
