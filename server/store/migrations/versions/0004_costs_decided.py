"""A decision on a service's cost says whether lines that have a cost of their own are to get it too."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("decisions", sa.Column("own_too", sa.Boolean(), nullable=False, server_default=sa.false()))
