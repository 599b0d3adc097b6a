"""The hash chain of an item: each entry carries the SHA-256 of the one before, the first that of case and item.

Canonical JSON: keys sorted, no spaces, UTF-8, no floating-point numbers; the hash is over everything but itself.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.domain.custody import Act, Custodian, Person, Seal
from app.domain.custody_quantity import read_quantity, written
from app.domain.errors import Invalid

FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "item": str,
    "seq": int,
    "action": str,
    "kind": str,
    "at": str,
    "who": list,
    "why": str,
    "document": str,
    "quantity": str,
    "unit": str,
    "from": (dict, type(None)),
    "to": (dict, type(None)),
    "seal": (dict, type(None)),
    "file": str,
    "receipt": str,
    "due": str,
    "name": str,
    "category": str,
    "previous": str,
    "hash": str,
}
PARTICULARS = "particulars"
"""The one field an entry has only when it tells something: entries without it are hashed as they always were."""

_PERSON = dict.fromkeys(("name", "agency", "number"), str)
_CUSTODIAN = dict.fromkeys(("agency", "keeper", "place"), str)
_SEAL = dict.fromkeys(("number", "state"), str)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An act in its place: `seq` counts from 1, `previous` and `hash` are SHA-256 in hex."""

    act: Act
    seq: int
    previous: str
    hash: str


def canonical(value: Any) -> bytes:
    """Write plain JSON in the one way that is hashed."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")


def digest(value: Any) -> str:
    """Give the SHA-256 of plain JSON, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def origin_hash(case: str, item: str) -> str:
    """Give what the first entry of an item carries: a chain belongs to one item of one case."""
    return digest({"case": case, "item": item})


def link(act: Act, *, seq: int, previous: str) -> Entry:
    """Put an act behind the entry with that hash."""
    bare = {**act_to_plain(act), "seq": seq, "previous": previous}
    return Entry(act=act, seq=seq, previous=previous, hash=digest(bare))


def recomputed(entry: Entry) -> str:
    """Give the hash the entry should have."""
    return link(entry.act, seq=entry.seq, previous=entry.previous).hash


def moment_text(moment: datetime) -> str:
    """Write a moment in UTC with microseconds: of one width, so that the order of texts is that of time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def read_moment(text: str, *, at: str) -> datetime:
    """Read a moment back; any other spelling of it is refused."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None and moment_text(moment) == text:
            return moment
    except (ValueError, OverflowError):
        pass
    raise Invalid("时间写法不规范", "The moment is not written plainly", at=at)


def act_to_plain(act: Act) -> dict[str, Any]:
    """Give an act as plain JSON."""
    return {
        "item": act.item,
        "action": act.action,
        "kind": act.kind,
        "at": moment_text(act.at),
        "who": [person_to_plain(person) for person in act.who],
        "why": act.why,
        "document": act.document,
        "quantity": written(act.quantity),
        "unit": act.unit,
        "from": custodian_to_plain(act.origin),
        "to": custodian_to_plain(act.to),
        "seal": None if act.seal is None else {"number": act.seal.number, "state": act.seal.state},
        "file": act.file,
        "receipt": act.receipt,
        "due": act.due,
        "name": act.name,
        "category": act.category,
        **({PARTICULARS: dict(act.particulars)} if act.particulars else {}),
    }


def entry_to_plain(entry: Entry) -> dict[str, Any]:
    """Give an entry as plain JSON."""
    return {**act_to_plain(entry.act), "seq": entry.seq, "previous": entry.previous, "hash": entry.hash}


def entry_from_plain(plain: Any) -> Entry:
    """Read an entry strictly: every field, no other, each of its type and well formed. Raises Invalid."""
    told = isinstance(plain, dict) and PARTICULARS in plain
    row = require_fields(plain, {**FIELDS, PARTICULARS: dict} if told else FIELDS, at="")
    act = Act(
        item=row["item"],
        action=row["action"],
        kind=row["kind"],
        at=read_moment(row["at"], at="at"),
        who=tuple(person_from_plain(person, at=f"who[{index}]") for index, person in enumerate(row["who"])),
        why=row["why"],
        document=row["document"],
        quantity=quantity_from_plain(row["quantity"], row["unit"], at="quantity"),
        unit=row["unit"],
        origin=custodian_from_plain(row["from"], at="from"),
        to=custodian_from_plain(row["to"], at="to"),
        seal=None if row["seal"] is None else Seal(**require_fields(row["seal"], _SEAL, at="seal")),
        file=row["file"],
        receipt=row["receipt"],
        due=row["due"],
        name=row["name"],
        category=row["category"],
        particulars=_particulars_from_plain(row[PARTICULARS]) if told else {},
    )
    return Entry(act=act, seq=row["seq"], previous=row["previous"], hash=row["hash"])


def _particulars_from_plain(plain: Mapping[str, Any]) -> dict[str, str]:
    if not plain or not all(isinstance(value, str) for value in plain.values()):
        raise Invalid("附记写法不规范", "The particulars are not written plainly", at=PARTICULARS)
    return dict(plain)


def person_to_plain(person: Person) -> dict[str, str]:
    """Give a person as plain JSON."""
    return {"name": person.name, "agency": person.agency, "number": person.number}


def person_from_plain(plain: Any, *, at: str) -> Person:
    """Read a person strictly."""
    return Person(**require_fields(plain, _PERSON, at=at))


def custodian_to_plain(side: Custodian | None) -> dict[str, str] | None:
    """Give a custodian as plain JSON."""
    return None if side is None else {"agency": side.agency, "keeper": side.keeper, "place": side.place}


def custodian_from_plain(plain: Any, *, at: str) -> Custodian | None:
    """Read a custodian strictly."""
    return None if plain is None else Custodian(**require_fields(plain, _CUSTODIAN, at=at))


def quantity_from_plain(text: str, unit: str, *, at: str, zero: bool = False) -> Decimal:
    """Read a quantity back; any other spelling of it is refused."""
    number = read_quantity(text, unit, at=at, zero=zero)
    if written(number) != text:
        raise Invalid("数量写法不规范", "The quantity is not written plainly", at=at)
    return number


def require_fields(plain: Any, fields: Mapping[str, type | tuple[type, ...]], *, at: str) -> dict[str, Any]:
    """Refuse anything but an object with exactly these fields of these types."""
    prefix = f"{at}." if at else ""
    if not isinstance(plain, dict):
        raise Invalid("应为一组字段", "This should be an object", at=at)
    for key in plain:
        if key not in fields:
            raise Invalid(f"未知字段 {key[:40]}", f"Unknown field {key[:40]}", at=f"{prefix}{key[:40]}")
    for key, kind in fields.items():
        if key not in plain:
            raise Invalid(f"缺少字段 {key}", f"The field {key} is missing", at=f"{prefix}{key}")
        allowed = kind if isinstance(kind, tuple) else (kind,)
        if not isinstance(plain[key], allowed) or (isinstance(plain[key], bool) and bool not in allowed):
            raise Invalid(f"字段 {key} 类型不对", f"The field {key} is of another type", at=f"{prefix}{key}")
    return plain
