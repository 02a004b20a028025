"""notices, what users want to hear of, webhooks of one job"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

UTC_TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
ID = sa.String(length=36)


def upgrade():
    op.create_table('notices',
    sa.Column('id', ID, nullable=False),
    sa.Column('user_id', ID, nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('job_id', ID, nullable=True),
    sa.Column('recording_id', ID, nullable=True),
    sa.Column('title', sa.String(length=500), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('read_at', UTC_TIME, nullable=True),
    sa.Column('created_at', UTC_TIME, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_notices_user_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['job_id'], ['jobs.id'], name=op.f('fk_notices_job_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['recording_id'], ['recordings.id'], name=op.f('fk_notices_recording_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notices'))
    )
    op.create_index('ix_notices_user_id_created_at', 'notices', ['user_id', 'created_at'])
    op.create_index(op.f('ix_notices_job_id'), 'notices', ['job_id'])
    op.create_index(op.f('ix_notices_recording_id'), 'notices', ['recording_id'])
    op.create_index(op.f('ix_notices_created_at'), 'notices', ['created_at'])

    op.create_table('notification_choices',
    sa.Column('user_id', ID, nullable=False),
    sa.Column('in_app', JSON, nullable=False),
    sa.Column('email', JSON, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_notification_choices_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_notification_choices'))
    )

    with op.batch_alter_table('webhooks', schema=None) as batch_op:
        batch_op.add_column(sa.Column('job_id', ID, nullable=True))
        batch_op.create_foreign_key(op.f('fk_webhooks_job_id'), 'jobs', ['job_id'], ['id'], ondelete='CASCADE')
        batch_op.create_index(batch_op.f('ix_webhooks_job_id'), ['job_id'])


def downgrade():
    op.execute('DELETE FROM webhooks WHERE job_id IS NOT NULL')
    with op.batch_alter_table('webhooks', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_webhooks_job_id'))
        batch_op.drop_constraint(op.f('fk_webhooks_job_id'), type_='foreignkey')
        batch_op.drop_column('job_id')
    op.drop_table('notification_choices')
    op.drop_table('notices')
