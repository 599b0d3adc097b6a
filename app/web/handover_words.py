"""Hand-overs and their lines as the templates take them."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import url_for

from app.domain.access import Officer
from app.domain.custody import Person, is_same
from app.domain.custody_handover import CLASSES, SEAL_FAULTS, SIDES, Difference, Line, fitting_classes
from app.domain.custody_quantity import read_quantity, written
from app.domain.errors import Invalid
from app.services.custody_counting import LineSeen, Standing, Tally
from app.services.custody_files import LinePhoto
from app.services.custody_handovers import side_of
from app.services.handover_desk import COUNT, EXPLAIN, SIGN
from app.services.roles import may_keep
from app.services.work import Work
from app.storage.database import Record
from app.web.language import t
from app.web.presenters import size_words

STATES = {
    "open": ("清点中", "Being counted"),
    "signing": ("签名中", "Being signed"),
    "signed": ("双方已签", "Signed by both"),
    "cancelled": ("已取消", "Cancelled"),
}
OF_QUANTITY = tuple(key for key in CLASSES if key not in SEAL_FAULTS and key not in ("hash_mismatch", "not_moved"))
"""The classes a quantity can have: those of the seal follow from its check, and the machine compares hashes."""

GAPS = {
    f"{_listed}{_recorded}": (number, other)
    for _listed, number in (("-", Decimal(-1)), ("0", Decimal(0)), ("+", Decimal(1)))
    for _recorded, other in (("-", Decimal(-1)), ("0", Decimal(0)), ("+", Decimal(1)))
}
"""Where a count can lie: below, at or above the list, and below, at or above what the trail records."""

_FIELDS = {"seal_ok": "seal", "hash_found": "hash_found", "classes": "classes", "proof": "proof"}


def listing_words(work: Work, row: Record, tally: Tally) -> dict[str, Any]:
    """Give a hand-over as a row of a list."""
    return _words(row, tally, giver=work.agency(row.from_agency), receiver=work.agency(row.to_agency))


def _words(row: Record, tally: Tally, *, giver: Record, receiver: Record) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "place": row.place,
        "state": row.state,
        "state_words": t(*STATES[row.state]),
        "opened_at": row.opened_at,
        "signed_at": row.signed_at,
        "sheet": row.sheet or "",
        "giver": giver.name,
        "receiver": receiver.name,
        "items": tally.lines,
        "counted": tally.counted,
        "uncounted": tally.uncounted,
        "differing": tally.differing,
        "unsettled": tally.open,
        "percent": 100 * tally.counted // max(1, tally.lines),
    }


def handover_words(work: Work, standing: Standing, officer: Officer) -> dict[str, Any]:
    """Give a hand-over with what is open in it and who has signed, as `officer` sees it."""
    row = standing.row
    mine = side_of(officer, row)
    agencies = [work.agency(agency_id) for agency_id in (row.from_agency, row.to_agency)]
    words = _words(row, standing.tally, giver=agencies[0], receiver=agencies[1])
    key = next((agency.key for agency in agencies if agency.id == officer.agency_id), "")
    me = Person(name=officer.name, agency=key, number=officer.cert_no)
    keeper = may_keep(work, officer)
    steps = [task.properties["handover"] for task in standing.turn.tasks]
    return {
        **words,
        "mine": mine,
        "keeper": keeper,
        "finish": next((step for step in steps if step in (COUNT, EXPLAIN)), ""),
        "reconciled": standing.tally.reconciled,
        "differences": [
            {"code": one.item, "field": field_of(one), "message": t(one.zh, one.en)} for one in standing.differences
        ],
        "sides": _sides(standing, me, mine=mine, keeper=keeper, agencies=words),
    }


def _sides(
    standing: Standing, me: Person, *, mine: str, keeper: bool, agencies: Mapping[str, str]
) -> list[dict[str, Any]]:
    row = standing.row
    by_me = any(is_same(me, one.person) for one in standing.signatures)
    found = []
    for (side, (zh, en)), wanted in zip(SIDES.items(), (row.giver_signers, row.receiver_signers), strict=True):
        signed = [one for one in standing.signatures if one.side == side]
        found.append(
            {
                "key": side,
                "words": t(zh, en.removeprefix("the ").capitalize()),
                "agency": agencies[side],
                "wanted": wanted,
                "signed": [{"name": one.person.name, "at": one.at} for one in signed],
                "full": len(signed) >= wanted,
                "mine": side == mine,
                "reason": _reason(standing, side, mine=side == mine, by_me=by_me, keeper=keeper),
            }
        )
    return found


def _reason(standing: Standing, side: str, *, mine: bool, by_me: bool, keeper: bool) -> str:
    """Say why a side cannot sign now; empty when it can."""
    uncounted = standing.tally.uncounted
    if mine and not keeper:
        return t("由有保管职责的人员签名", "Somebody with a role of custody signs")
    if uncounted:
        return t(f"还有 {uncounted} 件待清点", f"still to count: {uncounted}")
    if standing.differences:
        return t("尚未核对一致：", "Not reconciled: ") + t(standing.differences[0].zh, standing.differences[0].en)
    if not mine or by_me:
        other = t("由该方的人员登录后签名", "Somebody of that side signs in and signs")
        return t("您已签名，须由另一人签名", "You have signed; another person has to") if mine else other
    waits = standing.turn.run and standing.turn.task(SIGN[side]) is None
    return t("流程还没有走到本方签名", "The process has not come to this signature yet") if waits else ""


def field_of(difference: Difference) -> str:
    """Give the id of the input a difference is about."""
    return f"{_FIELDS.get(difference.field, 'counted')}-{difference.item}"


def line_words(
    seen: LineSeen,
    *,
    values: Mapping[str, Any] | None = None,
    errors: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """Give a line; `values` are what a reader typed and was refused, with `errors` at the fields."""
    line, ledger = seen.line, seen.ledger
    fault = next(iter(sorted(SEAL_FAULTS & set(line.classes))), "wrong_seal")
    kept = {
        "counted": "" if line.counted is None else written(line.counted),
        "seal": {None: "", True: "ok", False: fault}[line.seal_ok],
        "hash_found": line.hash_found,
        "classes": list(line.classes),
        "proof": line.proof,
        "remark": line.remark,
    }
    shown = {**kept, **(values or {})}
    counted = _read(shown["counted"], line.unit)
    gap = Decimal(0) if counted is None or "not_moved" in shown["classes"] else counted - line.listed
    place = "00" if counted is None else _sign(counted - line.listed) + _sign(counted - ledger.held)
    fields = {one.field for one in seen.differences}
    return {
        "item": line.item,
        "name": line.name,
        "unit": line.unit,
        "listed": written(line.listed),
        "held": written(ledger.held),
        "seal_listed": line.seal_listed,
        "hash_listed": line.hash_listed,
        "hash_differs": line.hash_differs,
        "done": line.counted is not None,
        "settled": line.counted is not None and not seen.differences,
        "not_moved": line.not_moved,
        "gap": f"+{written(gap)}" if gap > 0 else written(gap) if gap else "",
        "open": [*_open(seen)],
        "class_words": [t(*CLASSES[key]) for key in line.classes],
        "differs": bool(gap or errors or set(shown["classes"]) - {"hash_mismatch"} or fields & {"classes", "proof"}),
        "choices": [*_choices(line, shown["classes"], place)],
        "samples": [{"number": number, "quantity": written(taken)} for number, taken in ledger.sampled.items()],
        "seal_classes": sorted(SEAL_FAULTS & set(line.classes)),
        **{key: shown[key] for key in ("counted", "seal", "hash_found", "proof", "remark")},
        "has_content": seen.has_content,
        "photos": [photo_words(photo) for photo in seen.photos],
        "errors": list(errors),
    }


def _open(seen: LineSeen) -> Iterable[str]:
    line = seen.line
    for one in seen.differences:
        # Both hashes stand beside each other in the row already.
        if one.field != "counted" and not (one.field == "hash_found" and line.hash_differs):
            yield t(one.zh.removeprefix(f"{line.item} {line.name}："), one.en.removeprefix(f"{line.item}: "))


def photo_words(photo: LinePhoto) -> dict[str, Any]:
    """Give a photograph as a row of a hand-over shows it: `src` is empty for one that is not shown small."""
    return {
        "id": photo.link_id,
        "href": url_for("files.show", file_id=photo.file_id),
        "src": url_for("files.picture", file_id=photo.file_id) if photo.shown else "",
        "title": photo.title,
        "size_words": size_words(photo.size),
        "at": photo.at,
        "officer": photo.officer,
        "agency": photo.agency,
        "withdrawn": photo.withdrawn,
    }


def focus_of(words: Mapping[str, Any], differences: Sequence[Difference], *, onward: str) -> str:
    """Give the id a keyboard goes to after a row was kept: what is wrong, what is open, or the next item's quantity."""
    if words["errors"]:
        return str(words["errors"][0]["field"])
    if differences:
        first = field_of(differences[0])
        offered = next((one["key"] for one in words["choices"] if one["fits"]), "")
        return f"class-{offered}-{words['item']}" if first.startswith("classes-") and offered else first
    return f"counted-{onward}" if onward else f"count-{words['item']}"


def _choices(line: Line, chosen: Iterable[str], place: str) -> Iterable[dict[str, Any]]:
    picked = set(chosen)
    for key in OF_QUANTITY:
        when = [
            name
            for name, (listed, recorded) in GAPS.items()
            if key in fitting_classes(line.unit, listed=listed, recorded=recorded)
        ]
        yield _choice(key, when=when, fits=place in when, chosen=key in picked)
    yield _choice("not_moved", when=list(GAPS), fits=True, chosen="not_moved" in picked)


def _choice(key: str, *, when: list[str], fits: bool, chosen: bool) -> dict[str, Any]:
    zh, en = CLASSES[key]
    return {"key": key, "zh": zh, "en": en, "when": when, "fits": fits or chosen, "chosen": chosen}


def _sign(number: Decimal) -> str:
    return "0" if not number else "+" if number > 0 else "-"


def _read(text: str, unit: str) -> Decimal | None:
    try:
        return read_quantity(text, unit, zero=True) if text else None
    except Invalid:
        return None
