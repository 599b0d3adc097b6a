"""Remember of each line of a hand-over what the rules say of it"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("handover_line", schema=None) as batch_op:
        batch_op.add_column(sa.Column("verdict", sa.Text(), nullable=True))
        batch_op.create_index("ix_handover_line_code", ["handover_id", "item"], unique=True)
        batch_op.create_index("ix_handover_line_verdict", ["handover_id", "verdict", "position"], unique=False)
    op.execute("UPDATE handover_line SET verdict = 'uncounted' WHERE counted_at IS NULL")


def downgrade() -> None:
    with op.batch_alter_table("handover_line", schema=None) as batch_op:
        batch_op.drop_index("ix_handover_line_verdict")
        batch_op.drop_index("ix_handover_line_code")
        batch_op.drop_column("verdict")
