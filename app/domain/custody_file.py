"""The exported file of a case's trails: what its parts are, and how the parts follow from the entries."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.domain.custody_ledger import PARTS

FORMAT = "xianjie-custody/1"

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
