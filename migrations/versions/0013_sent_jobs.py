"""an index on the few jobs that were handed to a broker and are not claimed"""

import sqlalchemy as sa
from alembic import op


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

SENT = sa.text('sent_at IS NOT NULL')


def upgrade():
    op.execute("UPDATE jobs SET sent_at = NULL WHERE sent_at IS NOT NULL AND state <> 'queued'")
    op.create_index('ix_jobs_sent', 'jobs', ['sent_at'], sqlite_where=SENT, postgresql_where=SENT)


def downgrade():
    op.drop_index('ix_jobs_sent', table_name='jobs')
