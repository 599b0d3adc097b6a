"""The sheet of a hand-over (交接单) as plain JSON, and the SHA-256 that is signed.

The sheet is hashed over the hashes of its lines, so that an agency that may not see an item can still prove the sheet.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.domain.custody import Person
from app.domain.custody_chain import (
    digest,
    moment_text,
    person_from_plain,
    person_to_plain,
    quantity_from_plain,
    read_moment,
    require_fields,
)
from app.domain.custody_handover import Handover, Line, Signature
from app.domain.custody_quantity import written

LINE: Mapping[str, type | tuple[type, ...]] = {
    "item": str,
    "name": str,
    "unit": str,
    "listed": str,
    "seal_listed": str,
    "hash_listed": str,
    "counted": (str, type(None)),
    "classes": list,
    "proof": str,
    "seal_ok": (bool, type(None)),
    "hash_found": str,
    "remark": str,
    "head": str,
}
SIGNATURE: Mapping[str, type] = {"person": dict, "side": str, "at": str, "sheet": str}


def line_to_plain(line: Line) -> dict[str, Any]:
    """Give a line as plain JSON."""
    return {
        "item": line.item,
        "name": line.name,
        "unit": line.unit,
        "listed": written(line.listed),
        "seal_listed": line.seal_listed,
        "hash_listed": line.hash_listed,
        "counted": None if line.counted is None else written(line.counted),
        "classes": list(line.classes),
        "proof": line.proof,
        "seal_ok": line.seal_ok,
        "hash_found": line.hash_found,
        "remark": line.remark,
        "head": line.head,
    }


def line_from_plain(plain: Any, *, at: str) -> Line:
    """Read a line strictly. Raises Invalid."""
    row = require_fields(plain, LINE, at=at)
    counted = row["counted"]
    return Line(
        item=row["item"],
        name=row["name"],
        unit=row["unit"],
        listed=quantity_from_plain(row["listed"], row["unit"], at=f"{at}.listed"),
        seal_listed=row["seal_listed"],
        hash_listed=row["hash_listed"],
        counted=None if counted is None else quantity_from_plain(counted, row["unit"], at=f"{at}.counted", zero=True),
        classes=tuple(str(known) for known in row["classes"]),
        proof=row["proof"],
        seal_ok=row["seal_ok"],
        hash_found=row["hash_found"],
        remark=row["remark"],
        head=row["head"],
    )


def signature_to_plain(signature: Signature) -> dict[str, Any]:
    """Give a signature as plain JSON."""
    return {
        "person": person_to_plain(signature.person),
        "side": signature.side,
        "at": moment_text(signature.at),
        "sheet": signature.sheet,
    }


def signature_from_plain(plain: Any, *, at: str) -> Signature:
    """Read a signature strictly. Raises Invalid."""
    row = require_fields(plain, SIGNATURE, at=at)
    person: Person = person_from_plain(row["person"], at=f"{at}.person")
    return Signature(person=person, side=row["side"], at=read_moment(row["at"], at=f"{at}.at"), sheet=row["sheet"])


def handover_to_plain(handover: Handover, *, sheet: str, seen: Container[str]) -> dict[str, Any]:
    """Give a signed hand-over as plain JSON; of a line whose item the reader may not see, its hash."""
    return {
        "number": handover.number,
        "giver": handover.giver,
        "receiver": handover.receiver,
        "place": handover.place,
        "signers": list(handover.signers),
        "sheet": sheet,
        "lines": [line_to_plain(line) if line.item in seen else {"hidden": line_hash(line)} for line in handover.lines],
        "signatures": [signature_to_plain(signature) for signature in handover.signatures],
    }


def line_hash(line: Line) -> str:
    """Give the SHA-256 of a line."""
    return digest(line_to_plain(line))


def sheet_hash(handover: Handover, *, case: str, names: Mapping[str, str], lines: Sequence[str] | None = None) -> str:
    """Give the SHA-256 both sides sign; `case` is the case's number, `names` names the agencies by key.

    `lines` are the hashes of the lines when some of them are not open to the reader.
    """
    return digest(
        {
            "case": case,
            "number": handover.number,
            "giver": {"key": handover.giver, "name": names.get(handover.giver, "")},
            "receiver": {"key": handover.receiver, "name": names.get(handover.receiver, "")},
            "place": handover.place,
            "signers": list(handover.signers),
            "lines": list(lines) if lines is not None else [line_hash(line) for line in handover.lines],
        }
    )


def with_heads(handover: Handover, heads: Mapping[str, str]) -> Handover:
    """Tie each line to the trail of its item as it stands."""
    return replace(handover, lines=tuple(replace(line, head=heads[line.item]) for line in handover.lines))


def receipt_hash(sheet: str, signatures: Sequence[Signature]) -> str:
    """Give the SHA-256 of the signed receipt (移交回执), which every entry that follows from it carries."""
    return digest({"sheet": sheet, "signatures": [signature_to_plain(signature) for signature in signatures]})
