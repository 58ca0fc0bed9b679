"""An article that was read has its title, and its tags

Revision: 0032
After: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

COLUMNS = ("title", "tags_key")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("views", sa.Column(name, sa.Text()))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("views", name)
