"""The screen where a receiver counts: a scanned label finds its row, one key keeps it, a difference is explained."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from app.domain.custody_handover import SEAL_FAULTS, Line
from app.domain.custody_quantity import written
from app.domain.errors import Conflict, Invalid, XianjieError
from app.services import custody_counting, custody_handovers
from app.services.custody_counting import PAGE, SHOWN, LineSeen
from app.services.work import Work
from app.web.errors import said, status_of, wants_json
from app.web.handover_words import focus_of, handover_words, line_words
from app.web.house import house
from app.web.presenters import row_dict
from app.web.security import me, officer_required

blueprint = Blueprint("counting", __name__)

_LONGEST = 1000


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of the list as it is now, with the hand-over around it and where the keyboard goes next."""

    handover: Mapping[str, Any]
    seen: LineSeen
    onward: str


@blueprint.get("/handovers/<handover_id>/scan")
@officer_required
def scan(handover_id: str) -> Any:
    """Find the row a label or a typed code means: as JSON for the script, as the page of the list without it."""
    asked_by_script = wants_json()
    with looking(handover_id) as work:
        try:
            code = custody_counting.find_scanned(work, me(), handover_id, request.args.get("scan", ""))
        except Invalid as refused:
            if asked_by_script:
                raise
            errors = [{"field": "scan", "message": said(refused)}]
            return page(work, handover_id, errors=errors), int(status_of(refused))
        if asked_by_script:
            row = _row(work, handover_id, code)
    if not asked_by_script:
        return redirect(f"{url_for('handovers.show', handover_id=handover_id, at=code)}#count-{code}")
    words = line_words(row.seen)
    return {"code": code, "row": _drawn(row, words)}


@blueprint.post("/handovers/<handover_id>/lines/<code>")
@officer_required
def count(handover_id: str, code: str) -> Any:
    """Keep what was counted of one item; `equal` says that everything is as listed."""
    given = _given()
    seal = given.get("seal", "")
    classes = [key for key in request.form.getlist("classes") if key != "hash_mismatch"]
    try:
        with house().work() as work:
            if given.get("equal"):
                _count_equal(work, handover_id, code, given)
            else:
                _require_counted(given)
                custody_handovers.count_line(
                    work,
                    me(),
                    handover_id,
                    code,
                    counted=given["counted"],
                    classes=[*classes, *({seal} & SEAL_FAULTS)],
                    proof=given.get("proof", ""),
                    seal_ok=None if not seal else seal == "ok",
                    hash_found=given.get("hash_found", ""),
                    remark=given.get("remark", ""),
                )
            row = _row(work, handover_id, code)
    except (Invalid, Conflict) as refused:
        return answer(handover_id, code, refused=refused, values={**given, "classes": classes})
    return _kept(handover_id, row)


@blueprint.post("/handovers/<handover_id>/lines/<code>/explain")
@officer_required
def explain(handover_id: str, code: str) -> Any:
    """Class and prove a difference; the giver may as well."""
    given = _given()
    classes = request.form.getlist("classes")
    try:
        with house().work() as work:
            custody_handovers.explain_line(work, me(), handover_id, code, classes=classes, proof=given.get("proof", ""))
            row = _row(work, handover_id, code)
    except (Invalid, Conflict) as refused:
        return answer(handover_id, code, refused=refused, values={"proof": given.get("proof", ""), "classes": classes})
    return _kept(handover_id, row)


@contextmanager
def looking(handover_id: str) -> Iterator[Work]:
    """Open what a page of a hand-over reads from: beside the writer, unless lines are to be measured again."""
    with house().work(read_only=True) as work:
        if custody_counting.is_judged(work, handover_id):
            yield work
            return
    with house().work() as work:
        yield work


def answer(
    handover_id: str, code: str, *, refused: XianjieError | None = None, values: Mapping[str, Any] | None = None
) -> Any:
    """Answer an act on one line with its row as it is now; refused, with what was typed and the sentence at its field.

    To a browser without scripts it is the page of the list.
    """
    with looking(handover_id) as work:
        row = _row(work, handover_id, code)
        if refused and not _swapped():
            errors = [_at_row(refused, row.seen.line)]
            return page(work, handover_id, errors=errors, code=code, values=values), int(status_of(refused))
    return _refused(row, refused, values) if refused else _kept(handover_id, row)


def _kept(handover_id: str, row: Row) -> Any:
    code = row.seen.line.item
    if not _swapped():
        return redirect(f"{url_for('handovers.show', handover_id=handover_id, at=code)}#count-{code}")
    words = line_words(row.seen)
    words["focus"] = focus_of(words, row.seen.differences, onward=row.onward)
    return _drawn(row, words, swapped=True)


def _refused(row: Row, refused: XianjieError, values: Mapping[str, Any] | None) -> Any:
    words = line_words(row.seen, values=values, errors=[_at_row(refused, row.seen.line)])
    words["focus"] = focus_of(words, (), onward="")
    return _drawn(row, words, swapped=True), int(status_of(refused))


def _swapped() -> bool:
    return bool(request.headers.get("HX-Request"))


def page(
    work: Work,
    handover_id: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    code: str = "",
    values: Mapping[str, Any] | None = None,
) -> str:
    """Give the whole page, at the item `code` when one is named."""
    standing = custody_counting.see_standing(work, me(), handover_id)
    show = request.args.get("show", "")
    at = code or request.args.get("at", "")
    show = "all" if at or show not in SHOWN else show
    number = request.args.get("page", "1")
    shown = custody_counting.see_page(
        work, standing, show=show, number=int(number) if number.isascii() and number.isdigit() else 1, at=at
    )
    return render_template(
        "handover.html",
        case=row_dict(standing.case),
        handover=handover_words(work, standing, me()),
        lines=[
            line_words(seen, values=values, errors=errors) if seen.line.item == code else line_words(seen)
            for seen in shown.lines
        ],
        show=show,
        page=shown.number,
        page_size=PAGE,
        matching=shown.matching,
        scanned=request.args.get("scan", ""),
        errors=errors,
    )


def _row(work: Work, handover_id: str, code: str) -> Row:
    standing = custody_counting.see_standing(work, me(), handover_id)
    seen = custody_counting.see_line(work, standing, code)
    return Row(
        handover=handover_words(work, standing, me()),
        seen=seen,
        onward=custody_counting.next_to_count(work, handover_id, seen.position),
    )


def _drawn(row: Row, words: Mapping[str, Any], *, swapped: bool = False) -> str:
    # Without what stands around every page: the numbers beside the menu cost more than the row.
    template = current_app.jinja_env.get_template("_handover_row.html")
    return template.render(handover=row.handover, line=words, swapped=swapped)


def _count_equal(work: Work, handover_id: str, code: str, given: Mapping[str, str]) -> None:
    standing = custody_counting.see_standing(work, me(), handover_id)
    line = custody_counting.see_line(work, standing, code).line
    custody_handovers.count_line(
        work,
        me(),
        handover_id,
        code,
        counted=written(line.listed),
        seal_ok=True if line.seal_listed else None,
        hash_found=given.get("hash_found", ""),
        remark=given.get("remark", ""),
    )


def _require_counted(given: Mapping[str, str]) -> None:
    if not given.get("counted"):
        raise Invalid("请填写清点数量", "Say how much was counted", at="counted")


def _given() -> dict[str, str]:
    return {key: value.strip()[:_LONGEST] for key, value in request.form.items()}


def _at_row(refused: XianjieError, line: Line) -> dict[str, str]:
    """Put a refusal at the input it is about, or at the row when the row does not ask for it."""
    name = {"seal_ok": "seal"}.get(refused.at, refused.at)
    asked = {"counted", "classes", "proof", "remark", "photo"}
    asked |= {"seal"} if line.seal_listed else set()
    asked |= {"hash_found"} if line.hash_listed else set()
    return {"field": f"{name if name in asked else 'count'}-{line.item}", "message": said(refused)}
