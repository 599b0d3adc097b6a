"""Stock-takes: begun, counted by scanner, telephone or keyboard, closed, explained, signed by two, and reported."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from app.domain.errors import Conflict, Invalid, XianjieError
from app.domain.store_take import CLASSES, DIFFERENCES, SEALS, SIGNERS, TakeLine
from app.services import store_papers, store_takes
from app.services.roles import keeps_store
from app.services.store import place_words
from app.services.store_papers import Paper
from app.services.store_takes import SeenTake
from app.services.work import Work
from app.storage.database import Record
from app.web.errors import said, status_of
from app.web.house import house
from app.web.language import t
from app.web.security import me, officer_required
from app.web.store import page_asked, place_choices, placed, typed

blueprint = Blueprint("store_takes", __name__)

STATES = {
    "open": ("清点中", "Being counted"),
    "closed": ("待说明、签名", "To be explained and signed"),
    "signed": ("已签名", "Signed"),
    "given_up": ("已作废", "Given up"),
}


@blueprint.get("/store/takes")
@officer_required
def listing() -> Any:
    """The stock-takes of the agency, and the form that begins one."""
    with house().work(read_only=True) as work:
        return _list_page(work, errors=[])


@blueprint.post("/store/takes")
@officer_required
def begin() -> Any:
    """Begin a stock-take: freeze the list."""
    try:
        with house().work() as work:
            new = store_takes.open_take(work, me(), place_id=typed().get("place", ""))
    except (Invalid, Conflict) as refused:
        with house().work(read_only=True) as work:
            return _list_page(work, errors=[placed(refused, ("place",))]), int(status_of(refused))
    return redirect(url_for("store_takes.show", take_id=new))


@blueprint.get("/store/takes/<take_id>")
@officer_required
def show(take_id: str) -> Any:
    """Count, explain and sign."""
    with house().work(read_only=True) as work:
        return _page(work, take_id)


@blueprint.post("/store/takes/<take_id>/scan")
@officer_required
def scan(take_id: str) -> Any:
    """Mark what a label means as found; the label of a place says where the counter stands from now on."""
    given = typed()
    label = given.get("label", "")
    if label.startswith("XJ1P:"):
        return _stand(take_id, label)
    try:
        with house().work() as work:
            line = store_takes.scan(
                work,
                me(),
                take_id,
                label,
                place=given.get("place", ""),
                quantity=given.get("quantity", ""),
                seal=given.get("seal", "intact"),
            )
    except (Invalid, Conflict) as refused:
        return _refused(take_id, refused, ("label", "place", "quantity", "seal"), values=given)
    where = {"place": given.get("place", "")}
    return _answer(take_id, values=where, told=_told(line))


@blueprint.post("/store/takes/<take_id>/lines/<item_id>")
@officer_required
def mark(take_id: str, item_id: str) -> Any:
    """Tick an item with its quantity and seal."""
    given = typed()
    try:
        with house().work() as work:
            line = store_takes.mark(
                work,
                me(),
                take_id,
                item_id,
                place=given.get("place", ""),
                quantity=given.get("quantity", ""),
                seal=given.get("seal", "intact"),
            )
    except (Invalid, Conflict) as refused:
        return _refused(take_id, refused, (), values={})
    return _answer(take_id, values={}, told=_told(line))


@blueprint.post("/store/takes/<take_id>/lines/<item_id>/undo")
@officer_required
def unmark(take_id: str, item_id: str) -> Any:
    """Take a mark back."""
    try:
        with house().work() as work:
            store_takes.unmark(work, me(), take_id, item_id)
    except Conflict as refused:
        return _refused(take_id, refused, (), values={})
    return _answer(take_id, values={}, told=t("已撤回", "Taken back"))


@blueprint.post("/store/takes/<take_id>/lines/<item_id>/explain")
@officer_required
def explain(take_id: str, item_id: str) -> Any:
    """Class a difference and say what is known of it."""
    given = typed()
    difference = given.get("difference", "")
    try:
        if difference not in DIFFERENCES:
            raise Invalid("没有这种差异", "There is no such difference", at="difference")  # noqa: TRY301 - one answer for all
        with house().work() as work:
            store_takes.explain(
                work,
                me(),
                take_id,
                item_id,
                difference=difference,
                kind=given.get("class", ""),
                remark=given.get("remark", ""),
            )
    except (Invalid, Conflict) as refused:
        field = f"{refused.at}-{difference}-{item_id}" if refused.at in ("class", "remark") else ""
        kept = {f"class-{difference}-{item_id}": given.get("class", "")}
        kept |= {f"remark-{difference}-{item_id}": given.get("remark", "")}
        return _refused(take_id, refused, (), values=kept, field=field)
    return _answer(take_id, values={}, told=t("已说明", "Explained"))


@blueprint.post("/store/takes/<take_id>/close")
@officer_required
def close(take_id: str) -> Any:
    """End the counting."""
    try:
        with house().work() as work:
            seen = store_takes.close_take(work, me(), take_id)
    except Conflict as refused:
        return _refused(take_id, refused, (), values={})
    flash(t(f"清点结束，有差异 {seen.differ} 件", f"The counting has ended; items that differ: {seen.differ}"), "ok")
    return redirect(url_for("store_takes.show", take_id=take_id, which="differ" if seen.differ else "all"))


@blueprint.post("/store/takes/<take_id>/sign")
@officer_required
def sign(take_id: str) -> Any:
    """Sign; the second signature fixes the result."""
    try:
        with house().work() as work:
            complete = store_takes.sign_take(work, me(), take_id)
    except (Invalid, Conflict) as refused:
        return _refused(take_id, refused, (), values={})
    flash(
        t("两人已签名，盘点结果已固定", "Two have signed: the result is fixed")
        if complete
        else t("已签名，等待另一人签名", "Signed; another person has to sign"),
        "ok",
    )
    return redirect(url_for("store_takes.show", take_id=take_id))


@blueprint.post("/store/takes/<take_id>/give-up")
@officer_required
def give_up(take_id: str) -> Any:
    """Give a stock-take up, and say why."""
    try:
        with house().work() as work:
            store_takes.give_up(work, me(), take_id, why=typed().get("why", ""))
    except (Invalid, Conflict) as refused:
        return _refused(take_id, refused, ("why",), values={})
    flash(t("盘点已作废", "The stock-take is given up"), "warn")
    return redirect(url_for("store_takes.listing"))


@blueprint.get("/store/takes/<take_id>/report.pdf")
@officer_required
def report(take_id: str) -> Any:
    """The report of a signed stock-take as PDF."""
    with house().work(read_only=True) as work:
        paper = store_papers.take_paper(work, me(), take_id)
        number = store_takes.see_take(work, me(), take_id).row.number
    return printed(paper, name=f"{paper.name}_{number}.pdf")


@blueprint.get("/store/takes/<take_id>/result.json")
@officer_required
def result(take_id: str) -> Any:
    """The result of a signed stock-take as a file that proves itself."""
    with house().work(read_only=True) as work:
        content = store_papers.take_result(work, me(), take_id)
        number = store_takes.see_take(work, me(), take_id).row.number
    disposition = f'attachment; filename="stocktake-{number}.json"'
    return Response(content, mimetype="application/json", headers={"Content-Disposition": disposition})


def printed(paper: Paper, *, name: str) -> Response:
    """Render a paper of the store and give it as PDF."""
    content = house().renderer.render_document(
        template=paper.template, layouts=paper.layouts, data=paper.data, created=paper.created
    )
    disposition = f"inline; filename=\"{paper.template.code}.pdf\"; filename*=UTF-8''{quote(name)}"
    return Response(content, mimetype="application/pdf", headers={"Content-Disposition": disposition})


def _stand(take_id: str, label: str) -> Any:
    return _answer(take_id, values={"place": label}, told="")


def _told(line: Record) -> str:
    value = store_takes.line_of(line)
    words = "、".join(t(*DIFFERENCES[key]) for key in value.differences) if value.differences else ""
    named = f"{line.code} {line.name}"
    return f"{named}: {words}" if words else t(f"{named}：已见", f"{named}: found")


def _answer(take_id: str, *, values: Mapping[str, str], told: str) -> Any:
    if not request.headers.get("HX-Request"):
        if told:
            flash(told, "ok")
        return redirect(url_for("store_takes.show", take_id=take_id, place=values.get("place") or None))
    with house().work(read_only=True) as work:
        try:
            return _page(work, take_id, values=values, told=told)
        except (Invalid, Conflict) as refused:
            error = placed(refused, ("place",))
            return _page(work, take_id, errors=[error]), int(status_of(refused))


def _refused(
    take_id: str, refused: XianjieError, known: Sequence[str], *, values: Mapping[str, str], field: str = ""
) -> Any:
    name = refused.at if refused.at in known else field
    with house().work(read_only=True) as work:
        # What a scanner types next must not stand behind what was refused; the sentence quotes it.
        kept = {**values, name: ""} if name in ("place", "label") else values
        page = _page(work, take_id, values=kept, errors=[{"field": name, "message": said(refused)}])
    return page, int(status_of(refused))


def _list_page(work: Work, *, errors: Sequence[Mapping[str, str]]) -> str:
    officer = me()
    return render_template(
        "store_takes.html",
        takes=[_take(seen) for seen in store_takes.list_takes(work, officer)],
        places=place_choices(work, officer, open_only=False),
        may_keep=keeps_store(work, officer),
        errors=errors,
    )


def _page(
    work: Work,
    take_id: str,
    *,
    values: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    told: str = "",
) -> str:
    officer = me()
    seen = store_takes.see_take(work, officer, take_id)
    state = seen.row.state
    which = request.args.get("which") or _first_list(seen)
    page = page_asked()
    total, rows = store_takes.see_lines(work, officer, take_id, which=which, page=page)
    given = {"place": request.args.get("place", ""), **(values or {})}
    spot = place_words(work, officer, given["place"])
    changed = store_takes.changed_since(work, [row for row, _ in rows])
    return render_template(
        "store_take.html",
        take=_take(seen),
        which=which,
        lines=[_line(row, line, changed=row.item_id in changed, counting=state == "open") for row, line in rows],
        total=total,
        page=page,
        size=store_takes.PAGE,
        seals=[{"key": key, "words": t(*words)} for key, words in SEALS.items()],
        places=place_choices(work, officer, open_only=True),
        values={**given, "place": spot},
        errors=errors,
        told=told,
        may_keep=keeps_store(work, officer),
        signed_by_me=any(
            (one.person.name, one.person.number) == (officer.name, officer.cert_no) for one in seen.signatures
        ),
    )


def _take(seen: SeenTake) -> dict[str, Any]:
    row = seen.row
    return {
        "id": row.id,
        "number": row.number,
        "place": row.place or t("全部库房", "The whole store"),
        "state": row.state,
        "state_words": t(*STATES[row.state]),
        "opened_at": row.opened_at,
        "closed_at": row.closed_at,
        "lines": seen.lines,
        "done": seen.done,
        "differ": seen.differ,
        "sheet": row.sheet or "",
        "result": row.result or "",
        "reason": row.reason or "",
        "wanted": SIGNERS,
        "signatures": [{"name": one.person.name, "at": one.at} for one in seen.signatures],
    }


def _first_list(seen: SeenTake) -> str:
    if seen.row.state == "open":
        return "todo" if seen.done < seen.lines else "all"
    return "differ" if seen.row.state == "closed" and seen.differ else "all"


def _line(row: Record, line: TakeLine, *, changed: bool, counting: bool) -> dict[str, Any]:
    found = line.found
    # Nobody misses what has not been looked for yet.
    differences = () if counting and found is None else line.differences
    return {
        "item_id": row.item_id,
        "case_id": row.case_id,
        "case_number": line.case,
        "code": line.item,
        "name": line.name,
        "unit": line.unit,
        "expected": row.expected,
        "on_loan": row.on_loan if row.on_loan != "0" else "",
        "seal": line.seal,
        "place": line.place,
        "listed": line.listed,
        "changed": changed,
        "found": {
            "quantity": row.found["quantity"],
            "seal": t(*SEALS[found.seal]) if found.seal else "",
            "place": found.place if found.place != line.place else "",
            "by": found.by,
            "at": found.at,
        }
        if found
        else None,
        "differences": [
            {
                "key": key,
                "words": t(*DIFFERENCES[key]),
                "classes": [{"key": one, "words": t(*words)} for one, words in CLASSES[key].items()],
                "class": line.explained[key].kind if key in line.explained else "",
                "class_words": t(*CLASSES[key][line.explained[key].kind]) if key in line.explained else "",
                "remark": line.explained[key].remark if key in line.explained else "",
                "act": _ACTS[key],
            }
            for key in differences
        ],
    }


_ACTS = {"missing": "corrected", "misplaced": "move", "quantity": "corrected", "seal": "sealed"}
"""The act that would set a difference right: another act than the stock-take, done by somebody who decides so."""
