"""The exported file of a case's trails: what its parts are, and how the parts follow from the entries."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from app.domain.custody_chain import PARTICULARS, canonical, digest, moment_text
from app.domain.custody_ledger import PARTS

PLAIN, TELLING = "xianjie-custody/1", "xianjie-custody/2"
"""The second form is the first with entries that tell particulars; a file without any is still written in the first."""

TOP: Mapping[str, type] = {
    "format": str,
    "case": dict,
    "exported_at": str,
    "agencies": list,
    "items": list,
    "entries": list,
    "handovers": list,
    "files": list,
    "sha256": str,
}
CASE = dict.fromkeys(("number", "name"), str)
AGENCY = dict.fromkeys(("key", "name"), str)
HIDDEN = {"hidden": str}
HANDOVER: Mapping[str, type] = {
    "number": str,
    "giver": str,
    "receiver": str,
    "place": str,
    "signers": list,
    "sheet": str,
    "lines": list,
    "signatures": list,
}


def assemble(
    *,
    number: str,
    name: str,
    at: datetime,
    agencies: Mapping[str, str],
    ledgers: Iterable[Mapping[str, Any]],
    entries: Iterable[Mapping[str, Any]],
    handovers: Iterable[Mapping[str, Any]],
) -> bytes:
    """Write the file: canonical JSON with the SHA-256 over all, every list in its one order."""
    ordered = sorted(entries, key=lambda row: (str(row["item"]), int(row["seq"])))
    content = {
        "format": format_of(ordered),
        "case": {"number": number, "name": name},
        "exported_at": moment_text(at),
        "agencies": [{"key": key, "name": agencies[key]} for key in sorted(agencies)],
        "items": [item_to_plain(row) for row in sorted(ledgers, key=lambda row: str(row["item"]))],
        "entries": ordered,
        "handovers": sorted(handovers, key=lambda plain: (plain["signatures"][-1]["at"], plain["number"])),
        "files": files_of(ordered),
    }
    return canonical({**content, "sha256": digest(content)})


def top_hash(export: bytes) -> str:
    """Give the SHA-256 over all that a file carries: what belongs on the paper."""
    return str(json.loads(export)["sha256"])


def format_of(entries: Iterable[Any]) -> str:
    """Give the name of the form in which a file with these entries is written."""
    return TELLING if any(isinstance(entry, dict) and PARTICULARS in entry for entry in entries) else PLAIN


def files_of(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give the files that entries speak of, by SHA-256, with the items they belong to."""
    items: dict[str, set[str]] = {}
    for entry in entries:
        if entry["file"]:
            items.setdefault(entry["file"], set()).add(entry["item"])
    return [{"sha256": key, "items": sorted(items[key])} for key in sorted(items)]


def item_to_plain(ledger: Mapping[str, Any]) -> dict[str, Any]:
    """Give an item with its sums and the end of its trail."""
    told = ("name", "category", "unit", *PARTS, "custodian", "head")
    return {"code": ledger["item"], "entries": ledger["seq"], **{key: ledger[key] for key in told}}


def agencies_named(entries: Iterable[Mapping[str, Any]], handovers: Iterable[Mapping[str, Any]]) -> set[str]:
    """Give the keys of the agencies that entries and hand-overs speak of."""
    keys = {row[side] for row in handovers for side in ("giver", "receiver")}
    for entry in entries:
        keys.update(person["agency"] for person in entry["who"])
        for side in (entry["from"], entry["to"]):
            if side is not None:
                keys.update((side["agency"], side["keeper"]))
    return keys
