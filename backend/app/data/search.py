"""Finding a user's tasks by words."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, cast, column, false, func, literal, select, table
from sqlalchemy.dialects.postgresql import TSQUERY

from app.data.tables import tasks
from app.data.words import own_words

_task_words = table("task_words", column("task_id", Uuid), column("task_words", Text))  # of SQLite alone


def holds(dialect: str, owner_id: UUID, text: str) -> ColumnElement[bool]:
    """Every word of `text` begins a word of the task's title, notes or tags. Text without a word is found nowhere.

    The words hold letters and digits alone, so that nothing of `text` can be syntax of a query.
    """
    words = own_words(owner_id, [text])
    if not words:
        return false()
    if dialect == "postgresql":
        prefixes = cast(literal(" & ".join(f"'{word}':*" for word in words)), TSQUERY)
        return func.array_to_tsvector(func.string_to_array(tasks.c.words, " ")).bool_op("@@")(prefixes)
    begun = " AND ".join(f'words : "{word}" *' for word in words)
    return tasks.c.id.in_(select(_task_words.c.task_id).where(_task_words.c.task_words.match(begun)))
