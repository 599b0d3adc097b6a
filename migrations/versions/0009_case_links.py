"""Link cases that were split or joined, and find the steps of a process by an index"""

import sqlalchemy as sa
from alembic import op

from app.storage import types

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_link",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_case", sa.Text(), nullable=False),
        sa.Column("to_case", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Text(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_case_link_agency_id_agency")),
        sa.ForeignKeyConstraint(["from_case"], ["case.id"], name=op.f("fk_case_link_from_case_case")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_case_link_officer_id_officer")),
        sa.ForeignKeyConstraint(["to_case"], ["case.id"], name=op.f("fk_case_link_to_case_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_link")),
        sqlite_strict=True,
    )
    for column in ("from_case", "to_case"):
        op.create_index(op.f(f"ix_case_link_{column}"), "case_link", [column], unique=False)
    op.create_table(
        "case_move",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("link_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("from_case", sa.Text(), nullable=False),
        sa.Column("from_code", sa.Text(), nullable=False),
        sa.Column("to_case", sa.Text(), nullable=False),
        sa.Column("to_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["from_case"], ["case.id"], name=op.f("fk_case_move_from_case_case")),
        sa.ForeignKeyConstraint(["link_id"], ["case_link.id"], name=op.f("fk_case_move_link_id_case_link")),
        sa.ForeignKeyConstraint(["to_case"], ["case.id"], name=op.f("fk_case_move_to_case_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_move")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_case_move_link_id"), "case_move", ["link_id"], unique=False)
    op.create_index("ix_case_move_from_case", "case_move", ["from_case", "kind"], unique=False)
    op.create_index("ix_case_move_to_case", "case_move", ["to_case", "kind"], unique=False)
    op.create_index("ix_audit_process_id", "audit", ["process_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_audit_process_id", table_name="audit")
    op.drop_table("case_move")
    op.drop_table("case_link")
