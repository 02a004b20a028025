"""letters about accounts wait in the outbox, before it is known whose they are"""

import sqlalchemy as sa
from alembic import op


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.alter_column('user_id', existing_type=sa.String(length=36), nullable=True)


def downgrade():
    op.execute('DELETE FROM deliveries WHERE user_id IS NULL')
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.alter_column('user_id', existing_type=sa.String(length=36), nullable=False)
