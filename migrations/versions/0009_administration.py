"""audit log, error log, changed settings, processing servers, quotas of jobs and uploads"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

UTC_TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    # In place: rebuilding these on SQLite would take what belongs to their rows with it.
    op.add_column('users', sa.Column('quota_jobs', sa.Integer(), nullable=True))
    op.add_column('users', sa.Column('quota_uploads', sa.Integer(), nullable=True))
    op.add_column('jobs', sa.Column('request_id', sa.String(length=64), server_default='', nullable=False))

    op.create_table('audit_log',
    sa.Column('id', BIG_KEY, autoincrement=True, nullable=False),
    sa.Column('at', UTC_TIME, nullable=False),
    sa.Column('actor_id', sa.String(length=36), nullable=True),
    sa.Column('actor_email', sa.String(length=254), nullable=False),
    sa.Column('action', sa.String(length=40), nullable=False),
    sa.Column('target_kind', sa.String(length=20), nullable=False),
    sa.Column('target_id', sa.String(length=80), nullable=False),
    sa.Column('before', JSON, nullable=False),
    sa.Column('after', JSON, nullable=False),
    sa.Column('request_id', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_log')),
    sqlite_autoincrement=True
    )
    for column in ('at', 'actor_id', 'target_id'):
        op.create_index(op.f(f'ix_audit_log_{column}'), 'audit_log', [column], unique=False)

    op.create_table('error_log',
    sa.Column('id', BIG_KEY, autoincrement=True, nullable=False),
    sa.Column('at', UTC_TIME, nullable=False),
    sa.Column('source', sa.String(length=10), nullable=False),
    sa.Column('code', sa.String(length=60), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('hint', sa.Text(), nullable=False),
    sa.Column('stage', sa.String(length=40), nullable=False),
    sa.Column('log', sa.Text(), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('job_id', sa.String(length=36), nullable=True),
    sa.Column('recording_id', sa.String(length=36), nullable=True),
    sa.Column('user_id', sa.String(length=36), nullable=True),
    sa.Column('request_id', sa.String(length=64), nullable=False),
    sa.Column('path', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['job_id'], ['jobs.id'], name=op.f('fk_error_log_job_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_error_log_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_error_log')),
    sqlite_autoincrement=True
    )
    for column in ('at', 'job_id', 'user_id'):
        op.create_index(op.f(f'ix_error_log_{column}'), 'error_log', [column], unique=False)

    op.create_table('changed_settings',
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('value', JSON, nullable=False),
    sa.Column('description', sa.String(length=500), nullable=False),
    sa.Column('changed_by', sa.String(length=254), nullable=False),
    sa.Column('changed_at', UTC_TIME, nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_changed_settings'))
    )
    op.create_table('processing_servers',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('type', sa.String(length=20), nullable=False),
    sa.Column('description', sa.String(length=500), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('health', JSON, nullable=False),
    sa.Column('checked_at', UTC_TIME, nullable=True),
    sa.Column('created_at', UTC_TIME, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_processing_servers')),
    sa.UniqueConstraint('name', name=op.f('uq_processing_servers_name'))
    )


def downgrade():
    op.drop_table('processing_servers')
    op.drop_table('changed_settings')
    op.drop_table('error_log')
    op.drop_table('audit_log')
    op.drop_column('jobs', 'request_id')
    op.drop_column('users', 'quota_uploads')
    op.drop_column('users', 'quota_jobs')
