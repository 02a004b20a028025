"""lanes, turns, pauses and speeds of the queue"""

import sqlalchemy as sa
from alembic import op


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

UTC_TIME = sa.DateTime(timezone=True)


def upgrade():
    op.create_table('queue_turns',
    sa.Column('user_id', sa.String(length=36), nullable=False),
    sa.Column('served_at', UTC_TIME, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_queue_turns_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_queue_turns'))
    )
    op.create_table('queue_pauses',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('paused_by', sa.String(length=254), nullable=False),
    sa.Column('paused_at', UTC_TIME, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_queue_pauses'))
    )
    op.create_table('stage_speeds',
    sa.Column('pipeline', sa.String(length=40), nullable=False),
    sa.Column('stage', sa.String(length=40), nullable=False),
    sa.Column('runs', sa.Double(), nullable=False),
    sa.Column('media_s', sa.Double(), nullable=False),
    sa.Column('wall_s', sa.Double(), nullable=False),
    sa.Column('media_squared', sa.Double(), nullable=False),
    sa.Column('media_wall', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('pipeline', 'stage', name=op.f('pk_stage_speeds'))
    )
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.add_column(sa.Column('lane', sa.String(length=8), server_default='short', nullable=False))
        batch_op.add_column(sa.Column('cost_s', sa.Double(), nullable=True))
        batch_op.add_column(sa.Column('waiting_for', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('queued_at', UTC_TIME, nullable=True))
    op.execute('UPDATE jobs SET queued_at = created_at')
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.alter_column('queued_at', existing_type=UTC_TIME, nullable=False)
        batch_op.drop_index('ix_jobs_queue')
        batch_op.create_index('ix_jobs_turn', ['state', 'priority', 'lane', 'user_id', 'queued_at'], unique=False)


def downgrade():
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.drop_index('ix_jobs_turn')
        batch_op.create_index('ix_jobs_queue', ['state', 'priority', 'created_at'], unique=False)
        batch_op.drop_column('queued_at')
        batch_op.drop_column('waiting_for')
        batch_op.drop_column('cost_s')
        batch_op.drop_column('lane')
    op.drop_table('stage_speeds')
    op.drop_table('queue_pauses')
    op.drop_table('queue_turns')
