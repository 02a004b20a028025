"""waiting before a retry, doomed objects"""

import sqlalchemy as sa
from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('doomed_objects',
    sa.Column('key', sa.String(length=600), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_doomed_objects'))
    )
    with op.batch_alter_table('doomed_objects', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_doomed_objects_due_at'), ['due_at'], unique=False)

    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.add_column(sa.Column('run_after', sa.DateTime(timezone=True), nullable=True))



def downgrade():
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.drop_column('run_after')

    with op.batch_alter_table('doomed_objects', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_doomed_objects_due_at'))

    op.drop_table('doomed_objects')
