"""Add the stores: places, what stands on them, loans and stock-takes"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

from app.storage import types
from app.storage.database import new_id

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# A stock-take that two persons signed stays as they signed it, whoever asks the database.
SQLITE_KEEP_TAKE = """CREATE TRIGGER store_take_no_{verb} BEFORE {verb} ON store_take WHEN OLD.state = 'signed'
BEGIN SELECT RAISE(ABORT, 'a signed stock-take stays as it is'); END"""
SQLITE_KEEP_LINE = """CREATE TRIGGER store_take_line_no_{verb} BEFORE {verb} ON store_take_line
WHEN (SELECT state FROM store_take WHERE id = {row}.take_id) = 'signed'
BEGIN SELECT RAISE(ABORT, 'a signed stock-take stays as it is'); END"""
POSTGRES_REFUSE = """CREATE FUNCTION refuse_take_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a signed stock-take stays as it is'; END $$"""
POSTGRES_KEEP_TAKE = """CREATE TRIGGER store_take_kept BEFORE UPDATE OR DELETE ON store_take
FOR EACH ROW WHEN (OLD.state = 'signed') EXECUTE FUNCTION refuse_take_change()"""
POSTGRES_CHECK_LINE = """CREATE FUNCTION check_take_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT state FROM store_take WHERE id = CASE TG_OP WHEN 'INSERT' THEN NEW.take_id ELSE OLD.take_id END) = 'signed'
  THEN RAISE EXCEPTION 'a signed stock-take stays as it is'; END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$"""
POSTGRES_KEEP_LINE = """CREATE TRIGGER store_take_line_kept BEFORE INSERT OR UPDATE OR DELETE ON store_take_line
FOR EACH ROW EXECUTE FUNCTION check_take_line()"""
POSTGRES_NO_TRUNCATE = """CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_take_change()"""


def upgrade() -> None:
    op.create_table(
        "store_place",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_store_place_agency_id_agency")),
        sa.ForeignKeyConstraint(["parent_id"], ["store_place.id"], name=op.f("fk_store_place_parent_id_store_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_place")),
        sa.UniqueConstraint("agency_id", "code", name=op.f("uq_store_place_agency_id_code")),
        sa.UniqueConstraint("agency_id", "full_name", name=op.f("uq_store_place_agency_id_full_name")),
        sqlite_strict=True,
    )
    op.create_index("ix_store_place_parent_id", "store_place", ["parent_id"], unique=False)
    op.create_table(
        "store_shelf",
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("keeper_id", sa.Text(), nullable=False),
        sa.Column("answers_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("held", sa.Text(), nullable=False),
        sa.Column("on_loan", sa.Text(), nullable=False),
        sa.Column("lent", types.Flag(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("place_id", sa.Text(), nullable=True),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["answers_id"], ["agency.id"], name=op.f("fk_store_shelf_answers_id_agency")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_store_shelf_case_id_case")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_store_shelf_item_id_item")),
        sa.ForeignKeyConstraint(["keeper_id"], ["agency.id"], name=op.f("fk_store_shelf_keeper_id_agency")),
        sa.ForeignKeyConstraint(["place_id"], ["store_place.id"], name=op.f("fk_store_shelf_place_id_store_place")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_store_shelf")),
        sqlite_strict=True,
    )
    op.create_index("ix_store_shelf_keeper_id", "store_shelf", ["keeper_id", "case_number", "code"], unique=False)
    op.create_index("ix_store_shelf_place_id", "store_shelf", ["place_id"], unique=False)
    op.create_index("ix_store_shelf_case_id", "store_shelf", ["case_id"], unique=False)
    op.create_table(
        "store_loan",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("lender_id", sa.Text(), nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Text(), nullable=False),
        sa.Column("remaining", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("open", types.Flag(), nullable=False),
        sa.Column("lent_at", types.Instant(), nullable=False),
        sa.Column("due", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("persons", types.Json(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("approver_id", sa.Text(), nullable=True),
        sa.Column("borrower_id", sa.Text(), nullable=True),
        sa.Column("condition_out", sa.Text(), nullable=True),
        sa.Column("condition_back", sa.Text(), nullable=True),
        sa.Column("back_at", types.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["approver_id"], ["officer.id"], name=op.f("fk_store_loan_approver_id_officer")),
        sa.ForeignKeyConstraint(["borrower_id"], ["officer.id"], name=op.f("fk_store_loan_borrower_id_officer")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_store_loan_case_id_case")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_store_loan_item_id_item")),
        sa.ForeignKeyConstraint(["lender_id"], ["agency.id"], name=op.f("fk_store_loan_lender_id_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_loan")),
        sa.UniqueConstraint("item_id", "seq", name=op.f("uq_store_loan_item_id_seq")),
        sqlite_strict=True,
    )
    op.create_index("ix_store_loan_lender_id", "store_loan", ["lender_id", "open", "due"], unique=False)
    op.create_table(
        "store_take",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("place_id", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", types.Instant(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("closed_at", types.Instant(), nullable=True),
        sa.Column("sheet", sa.Text(), nullable=True),
        sa.Column("signatures", types.Json(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("content", types.Json(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_store_take_agency_id_agency")),
        sa.ForeignKeyConstraint(["opened_by"], ["officer.id"], name=op.f("fk_store_take_opened_by_officer")),
        sa.ForeignKeyConstraint(["place_id"], ["store_place.id"], name=op.f("fk_store_take_place_id_store_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_take")),
        sa.UniqueConstraint("agency_id", "number", name=op.f("uq_store_take_agency_id_number")),
        sqlite_strict=True,
    )
    op.create_table(
        "store_take_line",
        sa.Column("take_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("on_loan", sa.Text(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("listed", types.Flag(), nullable=False),
        sa.Column("found", types.Json(), nullable=True),
        sa.Column("explained", types.Json(), nullable=False),
        sa.Column("done", types.Flag(), nullable=False),
        sa.Column("differs", types.Flag(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_store_take_line_case_id_case")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_store_take_line_item_id_item")),
        sa.ForeignKeyConstraint(["take_id"], ["store_take.id"], name=op.f("fk_store_take_line_take_id_store_take")),
        sa.PrimaryKeyConstraint("take_id", "item_id", name=op.f("pk_store_take_line")),
        sqlite_strict=True,
    )
    op.create_index("ix_store_take_line_take_id", "store_take_line", ["take_id", "position"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for verb, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
            op.execute(SQLITE_KEEP_LINE.format(verb=verb, row=row))
        for verb in ("UPDATE", "DELETE"):
            op.execute(SQLITE_KEEP_TAKE.format(verb=verb))
    else:
        for statement in (POSTGRES_REFUSE, POSTGRES_KEEP_TAKE, POSTGRES_CHECK_LINE, POSTGRES_KEEP_LINE):
            op.execute(statement)
        for name in ("store_take", "store_take_line"):
            op.execute(POSTGRES_NO_TRUNCATE.format(table=name))
    fill()


def fill() -> None:
    """Write down what stood in custody before there were stores, and what of it is on loan."""
    connection = op.get_bind()
    shelf = sa.table("store_shelf", *(sa.column(name) for name in SHELF))
    loan = sa.table("store_loan", *(sa.column(name) for name in LOAN))
    agencies = {row.key: row.id for row in connection.execute(sa.text("SELECT key, id FROM agency"))}
    numbers = {row.id: row.number for row in connection.execute(sa.text('SELECT id, number FROM "case"'))}
    for row in connection.execute(sa.text("SELECT item_id, case_id, content FROM custody_ledger")).all():
        ledger = orjson.loads(row.content)
        custodian, seal = ledger["custodian"], ledger["seal"]
        if custodian is None:
            continue
        known = {"item_id": row.item_id, "case_id": row.case_id, "case_number": numbers[row.case_id]}
        known |= {"code": ledger["item"], "name": ledger["name"], "unit": ledger["unit"]}
        standing = {
            "keeper_id": agencies[custodian["keeper"]],
            "answers_id": agencies[custodian["agency"]],
            "category": ledger["category"],
            "held": ledger["held"],
            "on_loan": ledger["on_loan"],
            "lent": int(ledger["on_loan"] != "0"),
            "seal": seal["number"] if seal else "",
            "place": custodian["place"],
            "head": ledger["head"],
            "at": connection.execute(LAST, {"item": row.item_id}).scalar_one(),
        }
        connection.execute(shelf.insert().values(**known, **standing))
        if standing["lent"]:
            for entry, at, remaining in out(row.item_id):
                told = {key: entry[key] for key in ("seq", "quantity", "due", "document", "why")}
                connection.execute(
                    loan.insert().values(
                        id=new_id(),
                        **known,
                        **told,
                        lender_id=standing["keeper_id"],
                        remaining=format(remaining, "f"),
                        open=1,
                        lent_at=at,
                        persons=orjson.dumps(entry["who"]).decode(),
                    )
                )


LAST = sa.text("SELECT at FROM custody_entry WHERE item_id = :item ORDER BY seq DESC LIMIT 1")
SHELF = (
    *("item_id", "case_id", "case_number", "code", "name", "unit", "keeper_id", "answers_id", "category"),
    *("held", "on_loan", "lent", "seal", "place", "head", "at"),
)
LOAN = (
    *("id", "item_id", "case_id", "case_number", "code", "name", "unit", "seq", "quantity", "due", "document", "why"),
    *("lender_id", "remaining", "open", "lent_at", "persons"),
)


def out(item_id: str) -> Iterator[tuple[dict[str, Any], Any, Decimal]]:
    """The loans of an item that are still open: what came back ended the oldest first."""
    rows = op.get_bind().execute(
        sa.text("SELECT content, at FROM custody_entry WHERE item_id = :item ORDER BY seq"), {"item": item_id}
    )
    loans: list[list[Any]] = []
    for content, at in rows:
        entry = orjson.loads(content)
        if entry["action"] == "lent":
            loans.append([entry, at, Decimal(entry["quantity"])])
        elif entry["action"] == "returned_to_store" or entry["kind"] in ("loan", "lost_on_loan"):
            left = Decimal(entry["quantity"])
            for one in loans:
                taken = min(left, one[2])
                one[2] -= taken
                left -= taken
    yield from ((entry, at, remaining) for entry, at, remaining in loans if remaining)


def downgrade() -> None:
    for name in ("store_take_line", "store_take", "store_loan", "store_shelf", "store_place"):
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION check_take_line()")
        op.execute("DROP FUNCTION refuse_take_change()")
