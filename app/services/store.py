"""The store of an agency over all its cases: what lies where, and many items put on a place in one act."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.access import Officer
from app.domain.custody import Wording, read_text
from app.domain.custody_chain import Entry
from app.domain.errors import Invalid, NotFound
from app.domain.label import read_label
from app.domain.moments import BEIJING
from app.domain.store_place import SPECIAL, misfit
from app.services import custody
from app.services.custody import Cause
from app.services.store_places import find_place, subtree
from app.services.work import Work
from app.storage import facts, store_shelf
from app.storage.database import Record
from app.storage.store_shelf import Wanted

PAGE = 50
MOST = 500
"""Items of one act: more are done in several."""


@dataclass(frozen=True, kw_only=True)
class Unsuited:
    """Goods that do not belong on a place: the item (case number and code) and why."""

    item: str
    why: Wording


@dataclass(frozen=True, kw_only=True)
class Query:
    """What an officer looks for in the store; `place` is an id."""

    words: str = ""
    category: str = ""
    place: str = ""
    which: str = ""


WHICH = ("lent", "overdue", "special", "outside")
"""The lists beside the whole: on loan, overdue, special goods, and what lies on no place of the store."""


def today(work: Work) -> str:
    """Give the day in China, ISO 8601: a loan is late when its last day has passed."""
    return work.now.astimezone(BEIJING).date().isoformat()


def see_store(
    work: Work, officer: Officer, query: Query, *, page: int = 1, size: int = PAGE
) -> tuple[int, Sequence[Record]]:
    """Count and list what the officer's agency keeps, over all cases. Raises NotFound for a place of another."""
    if query.which and query.which not in WHICH:
        raise NotFound("没有这个列表", "No such list", at=query.which)
    wanted = Wanted(
        words=query.words,
        categories=[query.category] if query.category else (tuple(SPECIAL) if query.which == "special" else ()),
        places=subtree(work, officer, query.place) if query.place else None,
        lent=query.which == "lent",
        overdue=today(work) if query.which == "overdue" else "",
        outside=query.which == "outside",
    )
    return store_shelf.count_and_list(work.connection, officer.agency_id, wanted, limit=size, offset=(page - 1) * size)


def see_kept(work: Work, officer: Officer, item_ids: Sequence[str]) -> list[Record]:
    """Give chosen items that the officer's agency keeps. Raises NotFound when one is not among them."""
    wanted = list(dict.fromkeys(item_ids))
    if not wanted:
        raise Invalid("请选择物品", "Choose items", at="item")
    if len(wanted) > MOST:
        raise Invalid(f"一次最多 {MOST} 件", f"At most {MOST} items at once", at="item")
    rows = store_shelf.items_kept(work.connection, officer.agency_id, wanted)
    known = {row.item_id for row in rows}
    for item_id in wanted:
        if item_id not in known:
            zh, en = _name_of(work, officer, item_id)
            raise NotFound(f"{zh}不由本单位保管", f"{en} is not kept by your agency", at=item_id)
    return list(rows)


def find_labelled(work: Work, officer: Officer, text: str) -> Record:
    """Find the item a label means. Raises Invalid, at `label`, for what the officer's agency does not keep."""
    label = read_label(text)
    if label.kind != "item":
        raise Invalid(
            f"这是地点 {label.code} 的标签，不是物品", f"The label of place {label.code}, no item", at="label"
        )
    row = store_shelf.item_kept(work.connection, officer.agency_id, case_number=label.case, code=label.code)
    if row is None:
        named = f"{label.case} {label.code}"
        raise Invalid(f"{named} 不由本单位保管", f"{named} is not kept by your agency", at="label")
    return row


def warnings_for(rows: Sequence[Record], place: Record | None) -> list[Unsuited]:
    """Give what does not belong on a place, item by item."""
    if place is None:
        return []
    found = []
    for row in rows:
        why = misfit(row.category, place.kind)
        if why is not None:
            found.append(Unsuited(item=f"{row.case_number} {row.code}", why=why))
    return found


def put_away(
    work: Work, officer: Officer, item_ids: Sequence[str], cause: Cause, *, place: str, despite: bool = False
) -> list[Entry]:
    """Put items on a place in one act (入库、移位): one entry in the trail of each.

    `place` is a label, code or full name of a place of the store, or any words for a place outside. Raises Conflict for
    a closed place and, at `despite`, Invalid naming the first item that does not belong there unless `despite` is true.
    """
    rows = see_kept(work, officer, item_ids)
    spot = find_place(work, officer, place, lock=True)
    warned = warnings_for(rows, spot)
    if warned and not despite:
        first = warned[0]
        raise Invalid(f"{first.item}：{first.why[0]}", f"{first.item}: {first.why[1]}", at="despite")
    name = spot.full_name if spot is not None else read_text(place, at="place", longest=200)
    entries = [custody.store(work, officer, row.case_id, row.code, cause, place=name) for row in rows]
    if spot is not None:
        store_shelf.put_on(work.connection, [row.item_id for row in rows], spot.id)
    return entries


def place_words(work: Work, officer: Officer, text: str) -> str:
    """Give the full name of the place a label, code or name means; other words as they are."""
    spot = find_place(work, officer, text) if text.strip() else None
    return spot.full_name if spot is not None else text


def _name_of(work: Work, officer: Officer, item_id: str) -> Wording:
    """Name an item that the officer's agency may see; of any other, not even its number."""
    row = store_shelf.get_stand(work.connection, item_id)
    if row is not None and facts.codes_seen(
        work.connection, "items", case_id=row.case_id, agency_id=officer.agency_id, codes=[row.code]
    ):
        return (f"{row.case_number} {row.code} ", f"{row.case_number} {row.code}")
    return ("所选物品", "A chosen item")


def unsuited(work: Work, officer: Officer, case_id: str, code: str) -> Wording | None:
    """Say why an item does not belong where it was just put; None when it does, or lies outside the store."""
    rows = store_shelf.kept_of_case(work.connection, officer.agency_id, case_id)
    row = next((row for row in rows if row.code == code), None)
    return misfit(row.category, row.place_kind) if row is not None and row.place_kind else None


def demands(row: Record) -> dict[str, Any] | None:
    """Give what the law asks for the goods of a row, when they are special (MPS2020 236; SPC2021 439–441)."""
    special = SPECIAL.get(row.category)
    if special is None:
        return None
    wrong = misfit(row.category, row.place_kind) if row.place_kind else None
    return {"zh": special.zh, "en": special.en, "article": special.article, "wrong": wrong}
