"""Packages: those that wait for a signature, those that were sent, and one with its receipt."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from app.services import transfers
from app.services.persons import naming
from app.web.house import house
from app.web.language import t
from app.web.presenters import document, transfer
from app.web.security import me, officer_required

blueprint = Blueprint("transfers", __name__)


@blueprint.get("/transfers")
@officer_required
def listing() -> Any:
    """The packages of my agency."""
    tab = "sent" if request.args.get("tab") == "sent" else "inbox"
    everything = request.args.get("all") == "1"
    with house().work(read_only=True) as work:
        rows = (
            transfers.sent(work, me())
            if tab == "sent"
            else transfers.arriving(work, me(), unsigned_only=not everything)
        )
        shown = [transfer(row, me()) for row in rows]
    return render_template("transfers.html", tab=tab, all=everything, transfers=shown)


@blueprint.get("/transfers/<transfer_id>")
@officer_required
def show(transfer_id: str) -> Any:
    """One package with what is in it."""
    with house().work(read_only=True) as work:
        entry = transfers.see_transfer(work, me(), transfer_id)
        case = transfers.case_of(work, entry["row"])
        shown = {**transfer(entry, me()), "case_number": case.number, "case_name": case.name}
        person = naming(work, me().agency_id, entry["documents"])
        papers = [document(row, entry["from"], person(row)) for row in entry["documents"]]
    return render_template("transfer.html", transfer=shown, documents=papers)


@blueprint.post("/transfers/<transfer_id>/sign")
@officer_required
def sign(transfer_id: str) -> Any:
    """Sign for a package."""
    with house().work() as work:
        transfers.sign_for(work, me(), transfer_id)
    flash(t("已签收", "Signed for"), "ok")
    return redirect(url_for("transfers.show", transfer_id=transfer_id))
