"""A package that is about to be sent, as the checks of pre-flight may ask about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from app.domain import numbering
from app.domain.errors import Invalid
from app.domain.item_files import CONTENT, registered
from app.domain.moments import BEIJING
from app.services.work import Work
from app.storage import agencies, custody, deadlines, documents, item_files, uploads
from app.storage.database import Record

ELECTRONIC = "电子数据"
INTACT = "intact"
_PROVINCE, _CITY = "0000", "00"


def package_values(known: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Give what is known of the case once these answers are given: rows matched by code, the rest replaced.

    A list of items that names them by code (that of a hand-over) is only these, with what is known of each.
    """
    values = {**known, **answers}
    listed = answers.get("items")
    if isinstance(listed, Mapping) or (isinstance(listed, list) and all(isinstance(one, str) for one in listed)):
        values["items"] = [row for row in _rows(known.get("items")) if row.get("code") in listed]
    else:
        values["items"] = _merged(known.get("items"), listed)
    values["parties"] = _merged(known.get("parties"), answers.get("parties"))
    return values


@dataclass(frozen=True, kw_only=True)
class Package:
    """What an agency is about to send in a case: the values it knows, its documents, items and limits.

    `subject` is the code of the party it is about, empty for the case.
    """

    work: Work
    case_id: str
    agency: Record
    subject: str
    values: Mapping[str, Any]

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """The functions of `catalogue.preflight.PACKAGE`, for expressions."""
        return {
            "issued": self.issued,
            "received": self.received,
            "attached": self.attached,
            "numbers_attached": self.numbers_attached,
            "attachments_without": lambda field: self.rows_without("attachments", field),
            "items_without": lambda field: self.rows_without("items", field),
            "parties_without": lambda field: self.rows_without("parties", field),
            "items_unsealed": self.items_unsealed,
            "items_not_held": self.items_not_held,
            "hashes_differ": self.hashes_differ,
            "hashes_not_compared": self.hashes_not_compared,
            "overdue": self.overdue,
            "number_fits": self.number_fits,
            "agency": self.agency_words,
        }

    def issued(self, code: str) -> dict[str, Any] | None:
        """Give the newest document of a code that the agency has issued in the case; None without one.

        As {number, date, title, days}: `days` is how old it is.
        """
        rows = documents.newest_issued(
            self.work.connection,
            case_id=self.case_id,
            agency_id=self.agency.id,
            codes=[_word(code)],
            subject=self.subject,
        )
        return self._document(rows[0]) if rows else None

    def received(self, code: str) -> dict[str, Any] | None:
        """Give the newest document of a code that another agency has handed to this one; None without one."""
        seen = documents.documents_seen(self.work.connection, case_id=self.case_id, agency_id=self.agency.id)
        rows = [
            row
            for row in seen
            if row.code == _word(code) and row.agency_id != self.agency.id and row.subject in ("", self.subject)
        ]
        return self._document(rows[-1]) if rows else None

    def attached(self, kind: str) -> Mapping[str, Any] | None:
        """Give the first row of that kind on the list of attachments; None without one."""
        return next((row for row in self._rows("attachments") if row.get("kind") == kind), None)

    def numbers_attached(self) -> list[str]:
        """Give the numbers of the papers on the list of attachments."""
        return [str(row["number"]).strip() for row in self._rows("attachments") if row.get("number")]

    def rows_without(self, kind: str, field: str) -> list[str]:
        """Give the codes or names of the rows in which a field is empty."""
        return [_called(row) for row in self._rows(kind) if row.get(field) in (None, "", [])]

    def items_unsealed(self, categories: Any = None) -> list[str]:
        """Give the codes of items without an intact seal, of all categories or of those named.

        Where an item has a trail that decides, else what its row says (EDATA 8; MPS2020 185).
        """
        wanted = categories if isinstance(categories, list) else [categories]
        return [
            str(row["code"])
            for row in self._rows("items")
            if (categories is None or row.get("category") in wanted) and not self._sealed(row)
        ]

    def items_not_held(self) -> list[str]:
        """Give the codes of listed items that are not in the agency's custody."""
        return [
            str(row["code"])
            for row in self._rows("items")
            if (self._ledger(row).get("custodian") or {}).get("agency") != self.agency.key
        ]

    def hashes_differ(self) -> list[str]:
        """Give the codes of items whose registered integrity values, or stored content, do not agree (SPC2021 111)."""
        return [str(row["code"]) for row in self._rows("items") if not self._agrees(row)]

    def hashes_not_compared(self) -> list[str]:
        """Give the codes of electronic data whose content is not stored here, so that no value was ever compared."""
        return [
            str(row["code"])
            for row in self._rows("items")
            if row.get("category") == ELECTRONIC and row.get("code") not in self._contents
        ]

    def overdue(self, rule: str) -> bool:
        """Whether the newest clock of this limit in the case (of the party) has run out, or was stopped too late."""
        rows = [
            row
            for row in deadlines.deadlines_of_case(self.work.connection, self.case_id)
            if row.rule == rule
            and row.agency_id == self.agency.id
            and row.subject in ("", self.subject)
            and row.state != "cancelled"
        ]
        return bool(rows) and rows[-1].due is not None and (rows[-1].ended_at or self.work.now) > rows[-1].due

    def number_fits(self, pattern: str, text: Any) -> bool:
        """Whether a number has the form of a pattern such as `{short}强制〔{year}〕{serial}号` of this agency."""
        if not isinstance(text, str):
            return False
        own = {"short": self.agency.short} | {
            key: value for key, value in self.agency.details.items() if key in numbering.PLACEHOLDERS
        }
        return numbering.fits(_word(pattern), text, **own)

    def agency_words(self, key: Any = None) -> dict[str, Any] | None:
        """Give an agency by its key, the sender without one: key, kind, name, short, area_code, level, court_code.

        `level` follows from the area code (GB/T 2260): province, city or county.
        """
        row = self.agency if key is None else agencies.agency_by_key(self.work.connection, _word(key))
        if row is None:
            return None
        area = row.area_code
        return {
            "key": row.key,
            "kind": row.kind,
            "name": row.name,
            "short": row.short,
            "area_code": area,
            "level": "province" if area.endswith(_PROVINCE) else "city" if area.endswith(_CITY) else "county",
            "court_code": str(row.details.get("court_code", "")),
        }

    def _document(self, row: Record) -> dict[str, Any]:
        day = date.fromisoformat(row.date)
        age = self.work.now.astimezone(BEIJING).date() - day
        return {"number": row.number, "date": row.date, "title": row.title, "days": age.days}

    def _rows(self, kind: str) -> list[Mapping[str, Any]]:
        return _rows(self.values.get(kind))

    @cached_property
    def _items(self) -> dict[str, Record]:
        codes = [str(row.get("code")) for row in self._rows("items")]
        found = custody.find_items(self.work.connection, case_id=self.case_id, codes=codes, lock=False)
        return {row.code: row for row in found}

    @cached_property
    def _ledgers(self) -> dict[str, dict[str, Any]]:
        return custody.get_ledgers(self.work.connection, [row.id for row in self._items.values()])

    @cached_property
    def _contents(self) -> dict[str, list[Record]]:
        """The stored contents of items, by code."""
        found: dict[str, list[Record]] = {}
        links = item_files.live_links(self.work.connection, case_id=self.case_id, codes=list(self._items))
        for link in links:
            file = uploads.get_file(self.work.connection, link.file_id) if link.role == CONTENT else None
            if file is not None:
                found.setdefault(link.code, []).append(file)
        return found

    def _ledger(self, row: Mapping[str, Any]) -> dict[str, Any]:
        known = self._items.get(str(row.get("code")))
        return self._ledgers.get(known.id, {}) if known is not None else {}

    def _sealed(self, row: Mapping[str, Any]) -> bool:
        ledger = self._ledger(row)
        if not ledger:
            return bool(row.get("seal_no"))
        return (ledger.get("seal") or {}).get("state") == INTACT

    def _agrees(self, row: Mapping[str, Any]) -> bool:
        try:
            wanted = registered(row, str(self._ledger(row).get("file") or ""))
        except Invalid:
            return False
        values: dict[str, set[str]] = {}
        for one in wanted:
            values.setdefault(one.algorithm, set()).add(one.value)
        for file in self._contents.get(str(row.get("code")), ()):
            for algorithm, value in (("SHA-256", file.sha256), ("SM3", file.sm3)):
                if value and algorithm in values:
                    values[algorithm].add(value)
        return all(len(known) == 1 for known in values.values())


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _merged(known: Any, given: Any) -> list[Mapping[str, Any]]:
    rows = {row.get("code"): row for row in _rows(known)}
    for row in _rows(given):
        rows[row.get("code")] = {**rows.get(row.get("code"), {}), **row}
    return list(rows.values())


def _called(row: Mapping[str, Any]) -> str:
    return str(row.get("code") or row.get("name") or row.get("kind") or "")


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise Invalid("需要文字", "needs text")
    return value
