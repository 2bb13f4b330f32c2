"""What tasks are sorted and found by, and how many a user keeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.data.words import own_words, sort_key

revision = "0003"
down_revision = "0002"

BATCH = 500


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    _count_tasks()
    _add_keys()
    (_index_words_in_postgresql if postgresql else _index_words_in_sqlite)()
    _fill_keys()
    op.drop_index("ix_tasks_owner_id_id", "tasks")
    for column in ("created_at", "title_key", "due", "priority"):
        op.create_index(f"ix_tasks_owner_id_{column}_id", "tasks", ["owner_id", column, "id"])


def _count_tasks() -> None:
    op.add_column("users", sa.Column("task_count", sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE users SET task_count = (SELECT count(*) FROM tasks WHERE tasks.owner_id = users.id)")


def _add_keys() -> None:
    by_code_point = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.add_column("tasks", sa.Column("title_key", by_code_point, nullable=False, server_default=""))
    op.add_column("tasks", sa.Column("words", sa.Text, nullable=False, server_default=""))


def _index_words_in_postgresql() -> None:
    """Without a list of what is still to be indexed, which every search would read through until a vacuum."""
    vector = "array_to_tsvector(string_to_array(words, ' '))"
    op.execute(f"CREATE INDEX ix_tasks_words ON tasks USING gin ({vector}) WITH (fastupdate = off)")


def _index_words_in_sqlite() -> None:
    """Triggers keep the index, which knows a task by its id: a row's number may change when the file is vacuumed.

    The tokenizer takes everything beyond ASCII for a part of a word and so leaves the words as they are.
    """
    row = "INSERT INTO task_words (task_id, words) VALUES (new.id, new.words)"
    gone = "DELETE FROM task_words WHERE task_words MATCH 'task_id:' || old.id"
    op.execute("CREATE VIRTUAL TABLE task_words USING fts5(task_id, words, tokenize = 'ascii', detail = 'column')")
    op.execute(f"CREATE TRIGGER task_words_added AFTER INSERT ON tasks BEGIN {row}; END")
    op.execute(f"CREATE TRIGGER task_words_removed AFTER DELETE ON tasks BEGIN {gone}; END")
    op.execute(
        "CREATE TRIGGER task_words_changed AFTER UPDATE OF words ON tasks WHEN new.words <> old.words "
        f"BEGIN {gone}; {row}; END"
    )


def _fill_keys() -> None:
    tasks = sa.table(
        "tasks",
        *(sa.column(name, sa.Text) for name in ("title", "notes", "title_key", "words")),
        *(sa.column(name, sa.Uuid) for name in ("id", "owner_id")),
        sa.column("tags", sa.JSON),
    )
    after = sa.true()
    while rows := op.get_bind().execute(sa.select(tasks).where(after).order_by(tasks.c.id).limit(BATCH)).all():
        for row in rows:
            words = " ".join(own_words(row.owner_id, (row.title, row.notes, *row.tags)))
            filled = sa.update(tasks).where(tasks.c.id == row.id).values(title_key=sort_key(row.title), words=words)
            op.execute(filled)
        after = tasks.c.id > rows[-1].id
