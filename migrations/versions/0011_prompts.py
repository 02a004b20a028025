"""versions of prompts, and which of them count"""

import sqlalchemy as sa
from alembic import op


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table('prompts',
    sa.Column('id', BIG_KEY, autoincrement=True, nullable=False),
    sa.Column('name', sa.String(length=20), nullable=False),
    sa.Column('version', sa.String(length=60), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_by', sa.String(length=254), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_prompts')),
    sa.UniqueConstraint('name', 'version', name=op.f('uq_prompts_name_version')),
    sqlite_autoincrement=True
    )
    op.create_table('active_prompts',
    sa.Column('name', sa.String(length=20), nullable=False),
    sa.Column('prompt_id', BIG_KEY, nullable=False),
    sa.ForeignKeyConstraint(['prompt_id'], ['prompts.id'], name=op.f('fk_active_prompts_prompt_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_active_prompts')),
    sa.UniqueConstraint('prompt_id', name=op.f('uq_active_prompts_prompt_id'))
    )


def downgrade():
    op.drop_table('active_prompts')
    op.drop_table('prompts')
