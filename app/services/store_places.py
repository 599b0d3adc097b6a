"""Places of an agency's store: made, renamed, moved and closed by its custodians, chosen by everybody who stores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.access import Officer
from app.domain.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.label import read_label, read_place_code
from app.domain.store_place import full_name, read_place_kind, read_place_name, require_depth
from app.services.roles import keeps_store
from app.services.work import Work
from app.storage import audit, store_places, store_shelf
from app.storage.database import Record


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A place with its depth from 1, how many items lie on it, and how many on it and all below."""

    row: Record
    depth: int
    items: int
    items_below: int


def require_custodian(work: Work, officer: Officer) -> None:
    """Refuse an officer who does not keep the store (MPS2020 235)."""
    if not keeps_store(work, officer):
        raise Forbidden("由保管人员办理（公安机关办理刑事案件程序规定第235条）", "A custodian does this (MPS2020 235)")


def see_places(work: Work, officer: Officer) -> list[Branch]:
    """Give the places of the officer's agency as a tree, each parent before what is below it."""
    rows = store_places.places_of(work.connection, officer.agency_id)
    counted = store_shelf.counted_by_place(work.connection, officer.agency_id)
    children = _children(rows)

    def below(parent: str | None, depth: int) -> list[Branch]:
        found = []
        for row in children.get(parent, []):
            inner = below(row.id, depth + 1)
            own = counted.get(row.id, 0)
            whole = own + sum(branch.items for branch in inner)
            found += [Branch(row=row, depth=depth, items=own, items_below=whole), *inner]
        return found

    return below(None, 1)


def open_places(work: Work, officer: Officer) -> list[Record]:
    """Give the places on which something can be put, in the order of the tree."""
    return [branch.row for branch in see_places(work, officer) if branch.row.state == "open"]


def see_place(work: Work, officer: Officer, place_id: str) -> Record:
    """Give a place of the officer's agency."""
    return _own(store_places.get_place(work.connection, place_id), officer, place_id)


def subtree(work: Work, officer: Officer, place_id: str) -> list[str]:
    """Give the ids of a place and all below it."""
    see_place(work, officer, place_id)
    rows = store_places.places_of(work.connection, officer.agency_id)
    return _below(_children(rows), place_id)


def make_place(
    work: Work, officer: Officer, *, code: str, name: str, kind: str = "ordinary", parent_id: str | None = None
) -> str:
    """Make a place of the store; give its id. Raises Invalid naming code, name, kind or parent."""
    require_custodian(work, officer)
    code, name, kind = read_place_code(code), read_place_name(name), read_place_kind(kind)
    rows = _tree(work, officer)
    parent = _parent(rows, parent_id)
    require_depth(_depth(rows, parent_id) + 1)
    whole = full_name(parent.full_name if parent else "", name)
    _require_free(rows.values(), code=code, whole=whole)
    new = store_places.add_place(
        work.connection,
        agency_id=officer.agency_id,
        parent_id=parent_id,
        code=code,
        name=name,
        full_name=whole,
        kind=kind,
        made_at=work.now,
    )
    _note(work, officer, new, "made", code=code, name=whole, kind=kind)
    return new


def change_place(
    work: Work, officer: Officer, place_id: str, *, name: str, kind: str, parent_id: str | None = None
) -> None:
    """Rename a place, change its kind or put it below another; its goods stay on it, trails keep the old name.

    Raises Invalid, at `parent`, for a place below itself.
    """
    require_custodian(work, officer)
    name, kind = read_place_name(name), read_place_kind(kind)
    rows = _tree(work, officer)
    own = _own(rows.get(place_id), officer, place_id)
    children = _children(list(rows.values()))
    moving = _below(children, place_id)
    if parent_id in moving:
        raise Invalid("不能放到自己或者自己的下级之下", "A place cannot lie below itself", at="parent")
    parent = _parent(rows, parent_id)
    depth = _depth(rows, parent_id) + 1
    require_depth(depth + max(_depth(rows, one) for one in moving) - _depth(rows, place_id))
    names = {place_id: full_name(parent.full_name if parent else "", name)}
    for one in moving[1:]:
        row = rows[one]
        names[one] = full_name(names[row.parent_id], row.name)
    others = [row for row in rows.values() if row.id not in names]
    for whole in names.values():
        _require_free(others, code="", whole=whole)
    store_places.change_place(work.connection, place_id, name=name, kind=kind, parent_id=parent_id)
    store_places.rename_places(work.connection, names)
    _note(work, officer, place_id, "changed", before=own.full_name, name=names[place_id], kind=kind)


def close_place(work: Work, officer: Officer, place_id: str) -> None:
    """Close a place and all below it. Raises Conflict, naming how many, while items lie there."""
    require_custodian(work, officer)
    rows = _tree(work, officer)
    own = _own(rows.get(place_id), officer, place_id)
    closing = _below(_children(list(rows.values())), place_id)
    counted = store_shelf.counted_by_place(work.connection, officer.agency_id)
    left = sum(counted.get(one, 0) for one in closing)
    if left:
        raise Conflict(
            f"{own.full_name}还有 {left} 件物品，移走后才能关闭",
            f"{left} items still lie on {own.full_name}; it can be closed when they are gone",
            at=own.code,
        )
    for one in closing:
        store_places.change_place(work.connection, one, state="closed")
    _note(work, officer, place_id, "closed", name=own.full_name)


def reopen_place(work: Work, officer: Officer, place_id: str) -> None:
    """Open a closed place again. Raises Conflict while the place above it is closed."""
    require_custodian(work, officer)
    rows = _tree(work, officer)
    own = _own(rows.get(place_id), officer, place_id)
    if own.parent_id and rows[own.parent_id].state == "closed":
        above = rows[own.parent_id].full_name
        raise Conflict(f"上级{above}已关闭", f"{above}, above it, is closed", at=own.code)
    store_places.change_place(work.connection, place_id, state="open")
    _note(work, officer, place_id, "opened", name=own.full_name)


def find_place(work: Work, officer: Officer, text: str, *, lock: bool = False) -> Record | None:
    """Find the place of the store that a label, a code or a full name means; None for a place outside.

    Raises Invalid, at `place`, for the label of an item or of another agency's place, Conflict for a closed place.
    """
    given = text.strip()
    if given.startswith("XJ1"):
        label = read_label(given)
        own = work.agency(officer.agency_id).key
        if label.kind != "place":
            raise Invalid(
                f"这是物品 {label.code} 的标签，不是地点", f"The label of item {label.code}, no place", at="place"
            )
        if label.agency != own:
            raise Invalid(
                f"{label.code} 是其他单位的保管场所", f"{label.code} is a place of another agency", at="place"
            )
        row = store_places.place_by(work.connection, officer.agency_id, lock=lock, code=label.code)
        if row is None:
            raise Invalid(f"没有编号为 {label.code} 的地点", f"There is no place {label.code}", at="place")
    else:
        row = store_places.place_by(work.connection, officer.agency_id, lock=lock, full_name=given)
        row = row or store_places.place_by(work.connection, officer.agency_id, lock=lock, code=given)
    if row is not None and row.state == "closed":
        raise Conflict(f"{row.full_name}已关闭，不能存放", f"{row.full_name} is closed", at="place")
    return row


def _tree(work: Work, officer: Officer) -> dict[str, Record]:
    rows = store_places.places_of(work.connection, officer.agency_id, lock=True)
    return {row.id: row for row in rows}


def _children(rows: Sequence[Record]) -> Mapping[str | None, list[Record]]:
    found: dict[str | None, list[Record]] = {}
    for row in rows:
        found.setdefault(row.parent_id, []).append(row)
    return found


def _below(children: Mapping[str | None, list[Record]], place_id: str) -> list[str]:
    found = [place_id]
    for one in found:
        found += [row.id for row in children.get(one, [])]
    return found


def _depth(rows: Mapping[str, Record], place_id: str | None) -> int:
    depth = 0
    while place_id is not None:
        depth += 1
        place_id = rows[place_id].parent_id
    return depth


def _parent(rows: Mapping[str, Record], parent_id: str | None) -> Record | None:
    if parent_id is None:
        return None
    if parent_id not in rows:
        raise Invalid("没有这个上级地点", "There is no such place above it", at="parent")
    if rows[parent_id].state == "closed":
        name = rows[parent_id].full_name
        raise Invalid(f"上级{name}已关闭", f"{name}, above it, is closed", at="parent")
    return rows[parent_id]


def _require_free(rows: Any, *, code: str, whole: str) -> None:
    for row in rows:
        if row.code == code:
            raise Invalid(
                f"编号 {code} 已用于{row.full_name}", f"The code {code} is that of {row.full_name}", at="code"
            )
        if row.full_name == whole:
            raise Invalid(f"已有名为“{whole}”的地点", f"There is a place called “{whole}” already", at="name")


def _own(row: Record | None, officer: Officer, place_id: str) -> Record:
    if row is None or row.agency_id != officer.agency_id:
        raise NotFound("没有这个地点", "No such place", at=place_id)
    return row


def _note(work: Work, officer: Officer, place_id: str, act: str, **detail: Any) -> None:
    audit.note(
        work.connection,
        action="store_place",
        at=work.now,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        detail={"place": place_id, "act": act, **detail},
    )
