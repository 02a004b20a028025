"""one outbox for whatever is told to others"""

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

UTC_TIME = sa.DateTime(timezone=True)
KEPT = 'id, webhook_id, event, job_id, body, state, attempts, due_at, status_code, response, error, created_at, tried_at'


def _columns(webhook_needed):
    return (
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('webhook_id', sa.String(length=36), nullable=not webhook_needed),
    sa.Column('event', sa.String(length=40), nullable=False),
    sa.Column('job_id', sa.String(length=36), nullable=True),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('due_at', UTC_TIME, nullable=False),
    sa.Column('status_code', sa.Integer(), nullable=True),
    sa.Column('response', sa.String(length=500), nullable=False),
    sa.Column('error', sa.String(length=500), nullable=False),
    sa.Column('created_at', UTC_TIME, nullable=False),
    sa.Column('tried_at', UTC_TIME, nullable=True),
    )


def upgrade():
    op.create_table('deliveries',
    *_columns(webhook_needed=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('user_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_deliveries_user_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['webhook_id'], ['webhooks.id'], name=op.f('fk_deliveries_webhook_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deliveries'))
    )
    op.create_index('ix_deliveries_due', 'deliveries', ['state', 'due_at'])
    op.create_index(op.f('ix_deliveries_user_id'), 'deliveries', ['user_id'])
    op.create_index(op.f('ix_deliveries_webhook_id'), 'deliveries', ['webhook_id'])
    named = ', '.join(f'd.{name}' for name in KEPT.split(', '))
    op.execute(f"INSERT INTO deliveries ({KEPT}, channel, user_id) SELECT {named}, 'webhook', w.user_id "
               "FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id")
    op.drop_table('webhook_deliveries')


def downgrade():
    op.create_table('webhook_deliveries',
    *_columns(webhook_needed=True),
    sa.ForeignKeyConstraint(['webhook_id'], ['webhooks.id'], name=op.f('fk_webhook_deliveries_webhook_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_deliveries'))
    )
    op.create_index('ix_webhook_deliveries_due', 'webhook_deliveries', ['state', 'due_at'])
    op.create_index(op.f('ix_webhook_deliveries_webhook_id'), 'webhook_deliveries', ['webhook_id'])
    op.execute(f"INSERT INTO webhook_deliveries ({KEPT}) SELECT {KEPT} FROM deliveries WHERE webhook_id IS NOT NULL")
    op.drop_table('deliveries')
