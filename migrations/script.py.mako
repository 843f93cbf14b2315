"""${message}

Revision: ${up_revision}, after: ${down_revision | comma,n}
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from loyalty_portal.models import types
from loyalty_portal.models.triggers import create_triggers
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
    create_triggers(op.get_bind())


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
    create_triggers(op.get_bind())
