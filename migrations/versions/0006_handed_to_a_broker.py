"""when a job was handed to a broker or an outside worker"""

import sqlalchemy as sa
from alembic import op


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade():
    # In place: rebuilding `jobs` on SQLite would take what belongs to its rows with it.
    op.add_column('jobs', sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True))


def downgrade():
    op.drop_column('jobs', 'sent_at')
