"""accounts: verified addresses, outside identities, pauses, mail tokens, API keys"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

UTC_TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
ID = sa.String(length=36)


def upgrade():
    # Columns are added and dropped in place: rebuilding `users` on SQLite would take what belongs to its rows with it.
    op.add_column('users', sa.Column('email_verified', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('users', sa.Column('tokens_valid_from', UTC_TIME, nullable=True))
    op.add_column('sessions', sa.Column('previous_refresh_id', ID, nullable=True))
    op.add_column('sessions', sa.Column('rotated_at', UTC_TIME, nullable=True))
    op.add_column('sessions', sa.Column('outside_refresh', sa.Text(), nullable=True))
    op.add_column('sessions', sa.Column('last_used_at', UTC_TIME, nullable=True))

    op.create_table('identities',
    sa.Column('id', ID, nullable=False),
    sa.Column('user_id', ID, nullable=False),
    sa.Column('issuer', sa.String(length=300), nullable=False),
    sa.Column('subject', sa.String(length=255), nullable=False),
    sa.Column('provider', sa.String(length=40), nullable=False),
    sa.Column('picture', sa.String(length=1000), nullable=False),
    sa.Column('created_at', UTC_TIME, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_identities_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identities')),
    sa.UniqueConstraint('issuer', 'subject', name=op.f('uq_identities_issuer_subject'))
    )
    op.create_index(op.f('ix_identities_user_id'), 'identities', ['user_id'])

    op.create_table('login_pauses',
    sa.Column('subject', sa.String(length=80), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('last_at', UTC_TIME, nullable=False),
    sa.Column('blocked_until', UTC_TIME, nullable=True),
    sa.PrimaryKeyConstraint('subject', name=op.f('pk_login_pauses'))
    )
    op.create_index(op.f('ix_login_pauses_last_at'), 'login_pauses', ['last_at'])

    op.create_table('mail_tokens',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('user_id', ID, nullable=False),
    sa.Column('purpose', sa.String(length=20), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('created_at', UTC_TIME, nullable=False),
    sa.Column('expires_at', UTC_TIME, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_mail_tokens_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_mail_tokens'))
    )
    op.create_index(op.f('ix_mail_tokens_user_id'), 'mail_tokens', ['user_id'])
    op.create_index(op.f('ix_mail_tokens_expires_at'), 'mail_tokens', ['expires_at'])

    op.create_table('api_keys',
    sa.Column('id', ID, nullable=False),
    sa.Column('user_id', ID, nullable=True),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('prefix', sa.String(length=20), nullable=False),
    sa.Column('key_hash', sa.String(length=64), nullable=False),
    sa.Column('scopes', JSON, nullable=False),
    sa.Column('created_at', UTC_TIME, nullable=False),
    sa.Column('expires_at', UTC_TIME, nullable=True),
    sa.Column('last_used_at', UTC_TIME, nullable=True),
    sa.Column('revoked_at', UTC_TIME, nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_api_keys_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_keys')),
    sa.UniqueConstraint('key_hash', name=op.f('uq_api_keys_key_hash'))
    )
    op.create_index(op.f('ix_api_keys_user_id'), 'api_keys', ['user_id'])

    op.create_table('seen_signatures',
    sa.Column('signature', sa.String(length=64), nullable=False),
    sa.Column('expires_at', UTC_TIME, nullable=False),
    sa.PrimaryKeyConstraint('signature', name=op.f('pk_seen_signatures'))
    )
    op.create_index(op.f('ix_seen_signatures_expires_at'), 'seen_signatures', ['expires_at'])


def downgrade():
    for table in ('seen_signatures', 'api_keys', 'mail_tokens', 'login_pauses', 'identities'):
        op.drop_table(table)
    for column in ('last_used_at', 'outside_refresh', 'rotated_at', 'previous_refresh_id'):
        op.drop_column('sessions', column)
    for column in ('tokens_valid_from', 'email_verified'):
        op.drop_column('users', column)
