"""seconds of stages and failures of jobs, counted by all machines together"""

import sqlalchemy as sa
from alembic import op


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('run_counts',
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('label', sa.String(length=60), nullable=False),
    sa.Column('part', sa.String(length=16), nullable=False),
    sa.Column('value', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'label', 'part', name=op.f('pk_run_counts'))
    )


def downgrade():
    op.drop_table('run_counts')
