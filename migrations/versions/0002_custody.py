"""Add the chain of custody and the hand-overs"""

import sqlalchemy as sa
from alembic import op

from app.storage import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# What was entered stays entered, whoever asks the database.
SQLITE_KEEP = """CREATE TRIGGER custody_entry_no_{verb} BEFORE {verb} ON custody_entry
BEGIN SELECT RAISE(ABORT, 'custody entries are append-only'); END"""
POSTGRES_REFUSE = """CREATE FUNCTION refuse_custody_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'custody entries are append-only'; END $$"""
POSTGRES_KEEP = """CREATE TRIGGER custody_entry_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON custody_entry
FOR EACH STATEMENT EXECUTE FUNCTION refuse_custody_change()"""


def upgrade() -> None:
    op.create_table(
        "custody_entry",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.Column("officer_id", sa.Text(), nullable=False),
        sa.Column("recorded_at", types.Instant(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("content", types.Json(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_custody_entry_case_id_case")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_custody_entry_item_id_item")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_custody_entry_officer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_entry")),
        sa.UniqueConstraint("item_id", "seq", name=op.f("uq_custody_entry_item_id_seq")),
        sa.UniqueConstraint("hash", name=op.f("uq_custody_entry_hash")),
        sqlite_strict=True,
    )
    op.create_index("ix_custody_entry_case_id", "custody_entry", ["case_id"], unique=False)
    op.create_table(
        "custody_ledger",
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("content", types.Json(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_custody_ledger_case_id_case")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_custody_ledger_item_id_item")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_custody_ledger")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_custody_ledger_case_id"), "custody_ledger", ["case_id"], unique=False)
    op.create_table(
        "handover",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("from_agency", sa.Text(), nullable=False),
        sa.Column("to_agency", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("giver_signers", sa.Integer(), nullable=False),
        sa.Column("receiver_signers", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("signatures", types.Json(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=True),
        sa.Column("opened_at", types.Instant(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("signed_at", types.Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_handover_case_id_case")),
        sa.ForeignKeyConstraint(["from_agency"], ["agency.id"], name=op.f("fk_handover_from_agency_agency")),
        sa.ForeignKeyConstraint(["opened_by"], ["officer.id"], name=op.f("fk_handover_opened_by_officer")),
        sa.ForeignKeyConstraint(["to_agency"], ["agency.id"], name=op.f("fk_handover_to_agency_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_handover_case_id_number")),
        sqlite_strict=True,
    )
    op.create_table(
        "handover_line",
        sa.Column("handover_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("content", types.Json(), nullable=False),
        sa.Column("counted_at", types.Instant(), nullable=True),
        sa.Column("counted_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["counted_by"], ["officer.id"], name=op.f("fk_handover_line_counted_by_officer")),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], name=op.f("fk_handover_line_handover_id_handover")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_handover_line_item_id_item")),
        sa.PrimaryKeyConstraint("handover_id", "item_id", name=op.f("pk_handover_line")),
        sqlite_strict=True,
    )
    op.create_index("ix_handover_line_item_id", "handover_line", ["item_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(SQLITE_KEEP.format(verb=verb))
    else:
        op.execute(POSTGRES_REFUSE)
        op.execute(POSTGRES_KEEP)


def downgrade() -> None:
    for name in ("handover_line", "handover", "custody_ledger", "custody_entry"):
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_custody_change()")
