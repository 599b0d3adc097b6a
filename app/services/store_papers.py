"""What the store prints: sheets of labels, and the report of a stock-take; made ready here, rendered by the caller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.catalogue.documents import DocumentTemplate
from app.domain.access import Officer
from app.domain.custody_chain import canonical
from app.domain.errors import Conflict, Invalid, NotFound
from app.domain.label import item_label, place_label
from app.domain.moments import BEIJING
from app.domain.store_label import MOST, LabelSheet, spots
from app.domain.store_take import CLASSES, DIFFERENCES, SEALS
from app.rendering.qr import qr_picture
from app.services.cases import see_case_row
from app.services.custody_handovers import see_handover
from app.services.store import see_kept
from app.services.store_places import see_place, see_places, subtree
from app.services.store_takes import proves, see_take
from app.services.work import Work
from app.storage import audit, custody, store_shelf
from app.storage.database import Record
from app.storage.store_shelf import Wanted

_LOW, _WIDE = 30.0, 60.0
"""Millimetres: on a lower label the type is small, beside more width it is large."""


MOST_LINES = 2000
"""A longer list is printed place by place; the whole of it is in the result as JSON, under the same hash."""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What the renderer needs: a template, the layouts, the data and the moment it is dated."""

    name: str
    template: DocumentTemplate
    layouts: Mapping[str, str]
    data: Mapping[str, Any]
    created: datetime


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Whose labels: items by id, or all that is kept of a place, a case or a hand-over, or the places themselves."""

    items: Sequence[str] = ()
    place: str = ""
    case: str = ""
    handover: str = ""
    places: Sequence[str] = ()


def chosen_items(work: Work, officer: Officer, choice: Choice) -> list[Record]:
    """Give the items whose labels are wanted. Raises NotFound, naming it, for one the agency does not keep."""
    if choice.items:
        return see_kept(work, officer, choice.items)
    if choice.place:
        wanted = Wanted(places=subtree(work, officer, choice.place))
        return list(store_shelf.kept(work.connection, officer.agency_id, wanted))
    if choice.case:
        see_case_row(work, officer, choice.case)
        return list(store_shelf.kept_of_case(work.connection, officer.agency_id, choice.case))
    if choice.handover:
        seen = see_handover(work, officer, choice.handover)
        lines = custody.lines_of(work.connection, seen.row.id)
        return see_kept(work, officer, [line.item_id for line in lines])
    return []


def chosen_places(work: Work, officer: Officer, place_ids: Sequence[str]) -> list[Record]:
    """Give the places whose labels are wanted, in the order of the tree."""
    wanted = {see_place(work, officer, place_id).id for place_id in place_ids}
    return [branch.row for branch in see_places(work, officer) if branch.row.id in wanted]


def label_paper(work: Work, officer: Officer, choice: Choice, sheet: LabelSheet, *, start: int) -> Paper:
    """Make sheets of labels ready; label `start` of the first sheet is the first that is free. It is noted."""
    agency = work.agency(officer.agency_id)
    labels = [_of_item(row, agency.name) for row in chosen_items(work, officer, choice)]
    labels += [_of_place(row, agency) for row in chosen_places(work, officer, choice.places)]
    if not labels:
        raise Invalid("没有可以打印标签的物品或者地点", "There is nothing to print labels for", at="item")
    if len(labels) > MOST:
        raise Invalid(f"一次最多 {MOST} 张标签", f"At most {MOST} labels at once", at="item")
    pages: dict[int, list[dict[str, Any]]] = {}
    for label, spot in zip(labels, spots(sheet, start=start, count=len(labels)), strict=True):
        picture = qr_picture(label["text"])
        pages.setdefault(spot.page, []).append({**label, "x": spot.x, "y": spot.y, "picture": picture})
    audit.note(
        work.connection,
        action="store_labels",
        at=work.now,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        detail={"labels": len(labels), "sheet": sheet.key},
    )
    data = {
        "agency": {"name": agency.name},
        "pages": list(pages.values()),
        "sheet": measures(sheet),
    }
    return _paper(work, "labels", "标签", "Labels", data, created=work.now)


def take_result(work: Work, officer: Officer, take_id: str) -> bytes:
    """Give the result of a signed stock-take as canonical JSON: whoever has it derives both hashes again."""
    row = _signed(work, officer, take_id)
    return canonical({"content": row.content, "sheet": row.sheet, "signatures": row.signatures, "result": row.result})


def measures(sheet: LabelSheet) -> dict[str, float]:
    """Give the measures of a sheet as the layout wants them: millimetres, and sizes of type in points."""
    low = sheet.height < _LOW
    if sheet.width - sheet.qr > _WIDE:
        type_ = {"large": 15, "middle": 11, "small": 8.5}
    else:
        type_ = {"large": 9, "middle": 6.5, "small": 5.5} if low else {"large": 12, "middle": 8.5, "small": 7}
    return {"width": sheet.width, "height": sheet.height, "qr": sheet.qr, "pad": 1.2 if low else 2, **type_}


def take_paper(work: Work, officer: Officer, take_id: str) -> Paper:
    """Make the report of a signed stock-take ready. Raises Conflict before two have signed, or when it was changed."""
    row = _signed(work, officer, take_id)
    content = row.content
    lines = [_report_line(line) for line in content["lines"]]
    data = {
        "agency": {"name": content["agency"]["name"]},
        "number": row.number,
        "date": datetime.fromisoformat(content["closed_at"]).astimezone(BEIJING).date().isoformat(),
        "place": content["place"],
        "opened_at": content["opened_at"],
        "closed_at": content["closed_at"],
        "lines": lines if len(lines) <= MOST_LINES else [],
        "places": _by_place(lines),
        "different": [line for line in lines if line["differences"]],
        "count": sum(line["listed"] for line in content["lines"]),
        "found": sum(line["found"] is not None for line in content["lines"]),
        "sheet_hash": row.sheet,
        "result_hash": row.result,
        "signatures": [{"name": one["person"]["name"], "at": one["at"]} for one in row.signatures],
    }
    last = max(datetime.fromisoformat(one["at"]) for one in row.signatures)
    return _paper(work, "stocktake", "盘点报告", "Stock-take report", data, created=last)


def paper_template(layout: str, title: str, title_en: str) -> DocumentTemplate:
    """Give a paper that is all layout: it has no body and no number of its own."""
    return DocumentTemplate(
        code=layout,
        file=f"documents/_shared/{layout}.html",
        title=title,
        title_en=title_en,
        issuer="",
        recipient="",
        copies_to=(),
        basis=(),
        number="",
        series="",
        seal="none",
        copies=(),
        layout=layout,
        date="",
        fields=(),
        uses=(),
        status="design",
        note="",
        body="",
        body_line=1,
    )


def _of_item(row: Record, agency: str) -> dict[str, Any]:
    lines = [
        {"class": "code hei", "words": row.code},
        {"class": "name", "words": row.name},
        {"class": "", "words": row.case_number},
        {"class": "", "words": f"{row.held} {row.unit}"},
        *([{"class": "", "words": f"封签 {row.seal}"}] if row.seal else []),
        {"class": "", "words": agency},
    ]
    return {"text": item_label(row.case_number, row.code), "lines": lines}


def _of_place(row: Record, agency: Record) -> dict[str, Any]:
    lines = [
        {"class": "code hei", "words": row.code},
        {"class": "name", "words": row.full_name},
        {"class": "", "words": agency.name},
    ]
    return {"text": place_label(agency.key, row.code), "lines": lines}


def _report_line(line: Mapping[str, Any]) -> dict[str, Any]:
    found = line["found"]
    explained = []
    for key, said in line["differences"].items():
        words = CLASSES[key][said["class"]][0]
        explained.append(f"{DIFFERENCES[key][0]}：{words}。{said['remark']}")
    differences = [DIFFERENCES[key][0] for key in line["differences"]]
    told = ""
    if found:
        told = f"{found['quantity']}{line['unit']}，{found['place']}"
        told += f"，封签{SEALS[found['seal']][0]}" if found["seal"] else ""
    all_lent = line["expected"] == "0" and found is None
    return {
        "case": line["case"],
        "item": line["item"],
        "name": line["name"],
        "expected": f"{line['expected']}{line['unit']}",
        "place": line["place"],
        "found": told or "未见",
        "differences": differences,
        "explained": explained,
        "outcome": "、".join(differences) or ("借出" if all_lent else "相符"),
    }


def _by_place(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        row = found.setdefault(line["place"], {"place": line["place"], "count": 0, "different": 0})
        row["count"] += 1
        row["different"] += bool(line["differences"])
    return list(found.values())


def _signed(work: Work, officer: Officer, take_id: str) -> Record:
    row = see_take(work, officer, take_id).row
    if row.state != "signed":
        raise Conflict("两人签名后才有盘点报告", "The report follows when two persons have signed", at=row.number)
    if not proves(row):
        raise Conflict("盘点结果与签名不符", "The result is not what was signed", at=row.number)
    return row


def _paper(work: Work, layout: str, title: str, title_en: str, data: Mapping[str, Any], *, created: datetime) -> Paper:
    name = f"{layout}.html"
    for edition in work.library.all_current(work.connection):
        layouts = edition.bundle.layouts
        if name in layouts:
            return Paper(
                name=title,
                template=paper_template(layout, title, title_en),
                layouts=layouts,
                data=data,
                created=created,
            )
    raise NotFound(f"没有发布版式 {name}", f"The layout {name} has not been published", at=name)
