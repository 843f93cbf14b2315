"""Whether the portal can do its work."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from loyalty_portal.database import db
from loyalty_portal.models.schema import schema_problems
from loyalty_portal.paths import MIGRATIONS
from loyalty_portal.web.current import portal


def schema() -> list[str]:
    """What the database lacks, in words."""
    head = (MIGRATIONS / "CURRENT_HEAD").read_text().strip()
    try:
        with db.engine.connect() as connection:
            return schema_problems(connection, head)
    except SQLAlchemyError:
        return ["the database can't be reached"]


def problems() -> list[str]:
    """The schema's problems and the queue's."""
    found = schema()
    try:
        portal.queue.pending_count()
    except Exception:
        found.append("the queue can't be reached")
    return found
