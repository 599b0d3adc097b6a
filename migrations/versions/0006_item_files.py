"""Link files to items, and say with which hand-over they went"""

import sqlalchemy as sa
from alembic import op

from app.storage import types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEPT = ("item_file", "item_file_withdrawal")
# A link says what was evidence of what: it is withdrawn by another row, and no row changes.
SQLITE_KEEP = """CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'links of items are append-only'); END"""
POSTGRES_REFUSE = """CREATE FUNCTION refuse_item_file_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'links of items are append-only'; END $$"""
POSTGRES_KEEP = """CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_item_file_change()"""


def upgrade() -> None:
    op.create_table(
        "item_file",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("shows", sa.Text(), nullable=False),
        sa.Column("handover_id", sa.Text(), nullable=True),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Text(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_item_file_agency_id_agency")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_item_file_case_id_case")),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_item_file_file_id_file")),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], name=op.f("fk_item_file_handover_id_handover")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_file_item_id_item")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_item_file_officer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_file")),
        sqlite_strict=True,
    )
    for column in ("case_id", "file_id", "handover_id", "item_id"):
        op.create_index(op.f(f"ix_item_file_{column}"), "item_file", [column], unique=False)
    op.create_table(
        "item_file_withdrawal",
        sa.Column("item_file_id", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Text(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_file_id"], ["item_file.id"], name=op.f("fk_item_file_withdrawal_item_file_id_item_file")
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_item_file_withdrawal_officer_id_officer")
        ),
        sa.PrimaryKeyConstraint("item_file_id", name=op.f("pk_item_file_withdrawal")),
        sqlite_strict=True,
    )
    op.create_table(
        "handover_file",
        sa.Column("handover_id", sa.Text(), nullable=False),
        sa.Column("item_file_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], name=op.f("fk_handover_file_handover_id_handover")),
        sa.ForeignKeyConstraint(
            ["item_file_id"], ["item_file.id"], name=op.f("fk_handover_file_item_file_id_item_file")
        ),
        sa.PrimaryKeyConstraint("handover_id", "item_file_id", name=op.f("pk_handover_file")),
        sqlite_strict=True,
    )
    op.create_index("ix_handover_file_item_file_id", "handover_file", ["item_file_id"], unique=False)
    for column in ("width", "height"):
        op.add_column("file", sa.Column(column, sa.Integer(), nullable=True))
    for column in ("role", "shows"):
        op.add_column("upload", sa.Column(column, sa.Text(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        for table in KEPT:
            for verb in ("UPDATE", "DELETE"):
                op.execute(SQLITE_KEEP.format(table=table, verb=verb))
    else:
        op.execute(POSTGRES_REFUSE)
        for table in KEPT:
            op.execute(POSTGRES_KEEP.format(table=table))


def downgrade() -> None:
    for column in ("shows", "role"):
        op.drop_column("upload", column)
    for column in ("height", "width"):
        op.drop_column("file", column)
    for name in ("handover_file", "item_file_withdrawal", "item_file"):
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_item_file_change()")
