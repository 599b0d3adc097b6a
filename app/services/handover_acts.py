"""What a task does with a hand-over: list, count, explain, sign; and what it then tells its process.

The property `handover` of a task says which. The hand-over's id is the variable `handover` of the process; the answers
are those of the page made for it, or of a client of the API.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.domain.access import Officer
from app.domain.errors import Conflict, Invalid
from app.domain.moments import BEIJING
from app.domain.numbering import format_number
from app.engine.wording import HANDOVER
from app.services import custody_handovers
from app.services.custody import agency_key
from app.services.steps import Instance
from app.services.work import Work
from app.storage import agencies, custody, documents
from app.storage.database import Record

SERIES = "handover"
NUMBER = "{short}移物字〔{year}〕{serial}号"
"""How a list is numbered where the agency names no pattern of its own (`handover_number`); from memory."""

LONGEST = 1000
SIGNING = {"sign_as_giver": "giver", "sign_as_receiver": "receiver"}
"""The side each signing step signs for."""

Told = Mapping[str, Any] | None


def act(work: Work, officer: Officer, instance: Instance, step: str, answers: Mapping[str, Any]) -> Told:
    """Do what a task asks; give the variables its process learns, or None while the task has to stay open.

    `cancel` among the answers gives the hand-over up and is its reason. Raises Invalid, naming the field.
    """
    if step == "list":
        return _list(work, officer, instance, answers)
    handover_id = str(instance.row.variables.get(HANDOVER) or "")
    if "cancel" in answers:
        custody_handovers.cancel_handover(work, officer, handover_id, why=_text(answers, "cancel"))
        return {"cancelled": True}
    if step in SIGNING:
        return _sign(work, officer, handover_id, SIGNING[step])
    return _DO[step](work, officer, handover_id, answers)


def _list(work: Work, officer: Officer, instance: Instance, answers: Mapping[str, Any]) -> Told:
    if "cancel" in answers:
        _text(answers, "cancel")
        return {"cancelled": True}
    new = open_listed(work, officer, instance.row.case_id, answers)
    row = custody.get_handover(work.connection, new)
    return {
        HANDOVER: new,
        "to_giver": agency_key(work, officer.agency_id),
        "to_receiver": agency_key(work, row.to_agency if row else ""),
        "items_listed": len(custody.lines_of(work.connection, new)),
        "cancelled": False,
    }


def open_listed(work: Work, officer: Officer, case_id: str, answers: Mapping[str, Any]) -> str:
    """Open a hand-over as it was listed; give its id.

    `answers`: `to_agency` (key), `place`, `items` (codes, or listed quantities by code), and if wanted `number` and
    `signers` (how many of each side). Raises Invalid, naming the field.
    """
    wanted = _text(answers, "to_agency")
    receiver = agencies.agency_by_key(work.connection, wanted) or agencies.get_agency(work.connection, wanted)
    if receiver is None:
        raise Invalid("没有这个单位", "There is no such agency", at="to_agency")
    return custody_handovers.open_handover(
        work,
        officer,
        case_id,
        to_agency=receiver.id,
        number=_text(answers, "number") if answers.get("number") else next_number(work, officer.agency_id),
        place=_text(answers, "place"),
        items=_items(answers.get("items")),
        signers=_signers(answers.get("signers", [1, 1])),
    )


def _count(work: Work, officer: Officer, handover_id: str, answers: Mapping[str, Any]) -> Told:
    for at, line in _lines(answers):
        custody_handovers.count_line(
            work,
            officer,
            handover_id,
            _code(line, at),
            counted=_amount(line.get("counted"), f"{at}.counted"),
            classes=_words(line.get("classes", []), f"{at}.classes"),
            proof=_line_text(line, "proof", at),
            seal_ok=_checked(line.get("seal_ok"), f"{at}.seal_ok"),
            hash_found=_line_text(line, "hash_found", at),
            remark=_line_text(line, "remark", at),
        )
    seen = custody_handovers.see_handover(work, officer, handover_id)
    if officer.agency_id != seen.row.to_agency:
        raise Conflict("由接收单位清点", "The receiving agency counts", at=handover_id)
    uncounted = next((line for line in seen.value.lines if line.counted is None), None)
    if uncounted is not None:
        raise Invalid(
            f"{uncounted.item} {uncounted.name}尚未清点",
            f"{uncounted.item} has not been counted",
            at=f"lines.{uncounted.item}.counted",
        )
    return _stand(seen)


def _explain(work: Work, officer: Officer, handover_id: str, answers: Mapping[str, Any]) -> Told:
    for at, line in _lines(answers):
        custody_handovers.explain_line(
            work,
            officer,
            handover_id,
            _code(line, at),
            classes=_words(line.get("classes", []), f"{at}.classes"),
            proof=_line_text(line, "proof", at),
        )
    return _stand(custody_handovers.see_handover(work, officer, handover_id))


def _sign(work: Work, officer: Officer, handover_id: str, side: str) -> Told:
    custody_handovers.sign_handover(work, officer, handover_id, side=side)
    value = custody_handovers.see_handover(work, officer, handover_id).value
    return {"cancelled": False} if value.signed_by(side) else None


_DO: Mapping[str, Callable[[Work, Officer, str, Mapping[str, Any]], Told]] = {"count": _count, "explain": _explain}


def _stand(seen: custody_handovers.Seen) -> dict[str, Any]:
    """Say how far both sides agree."""
    open_items = {one.item for one in seen.differences}
    differing = open_items | {line.item for line in seen.value.lines if line.classes}
    return {
        "items_differ": len(differing),
        "points_open": len(seen.differences),
        "hash_differs": any(line.hash_differs for line in seen.value.lines),
        "cancelled": False,
    }


def next_number(work: Work, agency_id: str) -> str:
    """Take the next number of the agency's lists; unique and without gaps, in this transaction."""
    agency: Record = work.agency(agency_id)
    year = work.now.astimezone(BEIJING).year
    serial = documents.take_number(work.connection, agency_id=agency.id, series=SERIES, year=year)
    return format_number(
        agency.details.get("handover_number", NUMBER),
        short=agency.short,
        unit=agency.unit,
        year=year,
        serial=serial,
        **agency.details,
    )


def _text(answers: Mapping[str, Any], key: str) -> str:
    value = answers.get(key)
    if not isinstance(value, str) or not value.strip():
        raise Invalid("必须填写", "This is required", at=key)
    return value.strip()[:LONGEST]


def _items(given: Any) -> dict[str, Any]:
    """Read the list: codes, or quantities by code (None: all that is held)."""
    if isinstance(given, list) and given and all(isinstance(code, str) for code in given):
        if len(set(given)) < len(given):
            raise Invalid("物品重复", "An item is named twice", at="items")
        return dict.fromkeys(given)
    if isinstance(given, Mapping) and given:
        return {
            str(code): None if listed is None else _amount(listed, f"items.{code}") for code, listed in given.items()
        }
    raise Invalid("请选择要移交的物品", "Choose the items to hand over", at="items")


def _signers(given: Any) -> tuple[int, int]:
    if not isinstance(given, Sequence) or [type(one) for one in given] != [int, int]:
        raise Invalid("应为双方各自的签名人数", "Say how many of each side sign", at="signers")
    return (given[0], given[1])


def _lines(answers: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    given = answers.get("lines", [])
    if not isinstance(given, list) or not all(isinstance(line, Mapping) for line in given):
        raise Invalid("应为各行的清点结果", "It is a list of rows", at="lines")
    return [(f"lines[{index}]", line) for index, line in enumerate(given)]


def _code(line: Mapping[str, Any], at: str) -> str:
    code = line.get("item")
    if not isinstance(code, str):
        raise Invalid("请填写物品编号", "Name the item", at=f"{at}.item")
    return code


def _line_text(line: Mapping[str, Any], key: str, at: str) -> str:
    value = line.get(key, "")
    if not isinstance(value, str):
        raise Invalid("应为文字", "It is text", at=f"{at}.{key}")
    return value[:LONGEST]


def _words(given: Any, at: str) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(word, str) for word in given):
        raise Invalid("应为一列类别", "It is a list of classes", at=at)
    return given


def _checked(given: Any, at: str) -> bool | None:
    if given is not None and not isinstance(given, bool):
        raise Invalid("应为 true 或 false", "It is true or false", at=at)
    return given


def _amount(given: Any, at: str) -> str | int:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise Invalid("请填写数量", "Say how much", at=at)
    return repr(given) if isinstance(given, float) else given
