"""Loans from the store: the lists, letting out, and taking back."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from app.domain.custody import read_day
from app.domain.errors import Conflict, Invalid
from app.domain.store_loan import PURPOSES, days_overdue
from app.services import store, store_loans, store_places
from app.services.roles import keeps_store
from app.services.store_loans import Return, Terms
from app.services.work import Work, officer_name
from app.storage.database import Record
from app.web.errors import status_of
from app.web.house import house
from app.web.language import moment, t
from app.web.security import me, officer_required
from app.web.store import borrowers, item_row, missing, page_asked, placed, typed

blueprint = Blueprint("store_loans", __name__)

_TERMS = ("purpose", "approver", "borrower", "due", "why", "document", "condition")
_PARTS = ("back", "used", "missing", "damaged")


@blueprint.get("/store/loans")
@officer_required
def listing() -> Any:
    """The loans that are out, those that are late, or those that came back."""
    which, page = request.args.get("which", "open"), page_asked()
    with house().work(read_only=True) as work:
        officer = me()
        total, rows = store_loans.list_loans(work, officer, which=which, page=page)
        return render_template(
            "store_loans.html",
            which=which,
            loans=[loan_row(work, row) for row in rows],
            total=total,
            page=page,
            size=store_loans.PAGE,
            late=store_loans.overdue_count(work, officer),
            may_keep=keeps_store(work, officer),
        )


@blueprint.get("/store/lend")
@officer_required
def lend_form() -> Any:
    """Ask on what terms the chosen items leave the store."""
    with house().work(read_only=True) as work:
        store_places.require_custodian(work, me())
        return _lend_page(work, request.args.getlist("item"), values={}, errors=[])


@blueprint.post("/store/lend")
@officer_required
def lend() -> Any:
    """Let the chosen items leave the store."""
    given, chosen = typed(), request.form.getlist("item")
    errors, status = missing(given, _TERMS), 422
    if not errors:
        try:
            with house().work() as work:
                terms = Terms(
                    **{key: given[key] for key in _TERMS if key != "due"}, due=read_day(given["due"], at="due")
                )
                quantities = {item: given.get(f"quantity-{item}", "") for item in chosen}
                store_loans.lend_items(work, me(), quantities, terms)
        except (Invalid, Conflict) as refused:
            known = (*_TERMS, *(f"quantity-{item}" for item in chosen))
            errors, status = [placed(refused, known)], int(status_of(refused))
        else:
            flash(t(f"{len(chosen)} 件物品已借出", f"Items lent: {len(chosen)}"), "ok")
            return redirect(url_for("store_loans.listing"))
    with house().work(read_only=True) as work:
        return _lend_page(work, chosen, values=given, errors=errors), status


@blueprint.get("/store/return")
@officer_required
def return_form() -> Any:
    """Ask what came back of loans, chosen themselves or by their items."""
    with house().work(read_only=True) as work:
        officer = me()
        store_places.require_custodian(work, officer)
        items = request.args.getlist("item")
        loans = store_loans.loans_of_items(work, officer, items) if items else request.args.getlist("loan")
        return _return_page(work, loans, values={}, errors=[])


@blueprint.post("/store/return")
@officer_required
def take_back() -> Any:
    """Take back what was lent, and record what is missing or damaged."""
    given, chosen = typed(), request.form.getlist("loan")
    errors, status = missing(given, ("condition",)), 422
    if not errors:
        try:
            with house().work() as work:
                returns = {
                    loan: Return(**{part: given.get(f"{part}-{loan}", "") for part in _PARTS}) for loan in chosen
                }
                store_loans.take_back(
                    work, me(), returns, condition=given["condition"], document=given.get("document", "")
                )
        except (Invalid, Conflict) as refused:
            known = ("condition", "document", *(f"{part}-{loan}" for part in _PARTS for loan in chosen))
            errors, status = [placed(refused, known)], int(status_of(refused))
        else:
            flash(t("已归还，差异已记入保管链", "Taken back; differences are in the trail"), "ok")
            return redirect(url_for("store_loans.listing"))
    with house().work(read_only=True) as work:
        return _return_page(work, chosen, values=given, errors=errors), status


def loan_row(work: Work, row: Record) -> dict[str, Any]:
    """Give a loan as a row of a list."""
    late = days_overdue(date.fromisoformat(row.due), date.fromisoformat(store.today(work))) if row.open else 0
    borrower = officer_name(work, row.borrower_id) or "、".join(person["name"] for person in row.persons[1:])
    return {
        "id": row.id,
        "case_id": row.case_id,
        "case_number": row.case_number,
        "code": row.code,
        "name": row.name,
        "quantity": row.quantity,
        "remaining": row.remaining,
        "unit": row.unit,
        "due": row.due,
        "late": late,
        "lent_at": row.lent_at,
        "document": row.document,
        "purpose": t(*PURPOSES[row.purpose]) if row.purpose else "",
        "approver": officer_name(work, row.approver_id),
        "borrower": borrower,
        "condition_out": row.condition_out or "",
        "condition_back": row.condition_back or "",
        "back_at": row.back_at,
    }


def _lend_page(
    work: Work, chosen: Sequence[str], *, values: Mapping[str, str], errors: Sequence[Mapping[str, str]]
) -> str:
    officer = me()
    rows = store.see_kept(work, officer, chosen)
    return render_template(
        "store_lend.html",
        items=[item_row(row, today=store.today(work)) for row in rows],
        purposes=[{"key": key, "words": t(*words)} for key, words in PURPOSES.items()],
        approvers=[{"id": row.id, "name": row.name} for row in store_loans.approvers(work, officer)],
        borrowers=borrowers(work, officer, rows),
        earliest=moment(work.now)[:10],
        values=values,
        errors=errors,
    )


def _return_page(
    work: Work, chosen: Sequence[str], *, values: Mapping[str, str], errors: Sequence[Mapping[str, str]]
) -> str:
    rows = store_loans.see_loans(work, me(), chosen)
    return render_template(
        "store_return.html", loans=[loan_row(work, row) for row in rows], values=values, errors=errors
    )
