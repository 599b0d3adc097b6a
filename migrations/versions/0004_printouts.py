"""Keep the printouts somebody asked for"""

import sqlalchemy as sa
from alembic import op

from app.storage import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "printout",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("asked_at", types.Instant(), nullable=False),
        sa.Column("made_at", types.Instant(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("trail", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_printout_agency_id_agency")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_printout_case_id_case")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_printout_officer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printout")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("printout", schema=None) as batch_op:
        batch_op.create_index("ix_printout_case_id", ["case_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("printout", schema=None) as batch_op:
        batch_op.drop_index("ix_printout_case_id")

    op.drop_table("printout")
