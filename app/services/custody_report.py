"""The custody report, of an item or of a case, and the record of one entry: what they say, ready to be printed.

Both are made when somebody asks and carry no number of their own. The report tells one export and carries it as an
attachment, so that the hash it prints is that of a file which can be proven.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.access import Officer
from app.domain.custody import ACTIONS, KINDS, SEAL_STATES
from app.domain.custody_chain import entry_from_plain, person_from_plain
from app.domain.custody_file import agencies_named
from app.domain.custody_ledger import PARTS, fold, opening
from app.domain.custody_particulars import PARTICULARS
from app.domain.custody_quantity import written
from app.domain.custody_sheet import line_from_plain, receipt_hash, signature_from_plain
from app.domain.errors import NotFound
from app.services.custody import hold, read_items
from app.services.custody_export import told_trail
from app.services.custody_papers import agency_names, found_words, person_words
from app.services.custody_proof import verify
from app.services.facts import agency_words
from app.services.operators import SHANGHAI, Order
from app.services.work import Work
from app.storage import agencies, cases, custody
from app.storage.database import Record

RECORDED = frozenset(("seized", "sealed", "sampled", "lent", "returned_to_store", "disposed"))
"""The acts of which a record is kept on paper."""

LONGEST = 3600
"""Seconds the report of the largest case may take; a line takes a hundredth of one."""

FEATURES = ("spec", "format", "holder", "origin", "condition", "proposal", "treatment")


@dataclass(frozen=True, kw_only=True)
class Paper(Order):
    """A report or a record, ready to be printed; `document_id` is the printout it is made for, empty when at once.

    `item` and `seq` say what it is of (all items when empty, no single entry when 0); `trail` is the SHA-256 it prints;
    `weight` counts the lines of its tables, which is what printing takes time for.
    """

    case_id: str
    item: str
    seq: int
    name: str
    trail: str
    weight: int


def report(work: Work, officer: Officer, case_id: str, code: str = "", *, printout_id: str = "") -> Paper:
    """Give the report on an item, or on every item of the case the officer's agency may see."""
    export = told_trail(work, officer, case_id, code)
    content = json.loads(export)
    case = _case(work, case_id)
    if not content["entries"]:
        raise NotFound("本案还没有保管记录", "Nothing is recorded in this case yet", at=case.number)
    name = f"custody-{case.number}{f'-{code}' if code else ''}"
    shown = {**trail_words(content, _features(work, case, content)), "item": code, "file": f"{name}.json"}
    shown["findings"] = [str(finding) for finding in verify(export)]
    lines = sum(len(row["lines"]) for row in shown["handovers"])
    weight = len(content["entries"]) + len(content["items"]) + lines
    papers = work.library.papers()
    data = {
        **_context(work, case, officer.agency_id),
        "trail": shown,
        "number": "",
        "date": work.now.astimezone(SHANGHAI).isoformat(),
        "officers": [{"name": officer.name, "cert_no": officer.cert_no}],
    }
    return Paper(
        document_id=printout_id,
        template=papers.find("report"),
        layouts=papers.layouts,
        data=data,
        created=work.now.replace(microsecond=0),
        attached={shown["file"]: export},
        case_id=case_id,
        item=code,
        seq=0,
        name=f"{name}.pdf",
        trail=content["sha256"],
        weight=weight,
        seconds=min(LONGEST, weight // 4),
    )


def record(work: Work, officer: Officer, case_id: str, code: str, seq: int, *, printout_id: str = "") -> Paper:
    """Give the record of one entry: a seizure, a seal, a sample, a loan and its return, a disposal.

    Raises NotFound for an entry that is not there, and for an act of which no record is kept on paper.
    """
    held = hold(work, officer, case_id, [code], lock=False)[code]
    entries = [row.content for row in custody.entries_of_item(work.connection, held.row.id)]
    if not 1 <= seq <= len(entries):
        raise NotFound(f"{code} 没有第 {seq} 条保管记录", f"{code} has no entry {seq}", at=f"{code}#{seq}")
    plain = entries[seq - 1]
    if plain["action"] not in RECORDED:
        zh, en = ACTIONS[plain["action"]]
        raise NotFound(f"“{zh}”不另制笔录", f"No record is kept on paper of “{en}”", at=f"{code}#{seq}")
    ledger = fold(opening(held.case.number, code), map(entry_from_plain, entries[:seq]))
    names = agency_names(work, agencies_named([plain], []))
    papers = work.library.papers()
    acting = agencies.agency_by_key(work.connection, plain["who"][0]["agency"])
    data = {
        **_context(work, held.case, acting.id if acting is not None else officer.agency_id),
        "entry": {
            **entry_words(plain, names),
            **{part: written(getattr(ledger, part)) for part in PARTS},
            "item": {
                "code": code,
                "name": ledger.name,
                "category": ledger.category,
                **{key: str(held.row.data.get(key) or "") for key in FEATURES},
            },
        },
        "number": f"{held.case.number}-{code}-{seq}",
        "date": plain["at"],
    }
    return Paper(
        document_id=printout_id,
        template=papers.find(f"record_{plain['action']}_{plain['kind']}", f"record_{plain['action']}"),
        layouts=papers.layouts,
        data=data,
        created=work.now.replace(microsecond=0),
        case_id=case_id,
        item=code,
        seq=seq,
        name=f"record-{held.case.number}-{code}-{seq}.pdf",
        trail=plain["hash"],
        weight=1,
    )


def trail_words(content: Mapping[str, Any], features: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Give an export as a report shows it: nothing is left out, keys have become names."""
    names = {row["key"]: row["name"] for row in content["agencies"]}
    entries: dict[str, list[dict[str, Any]]] = {}
    for plain in content["entries"]:
        entries.setdefault(plain["item"], []).append(entry_words(plain, names))
    return {
        "exported_at": content["exported_at"],
        "sha256": content["sha256"],
        "entries": len(content["entries"]),
        "items": [
            {
                **item,
                **features.get(item["code"], dict.fromkeys(FEATURES, "")),
                "custodian": place_words(item["custodian"], names),
                "entries": entries[item["code"]],
            }
            for item in content["items"]
        ],
        "handovers": [handover_told(plain, names) for plain in content["handovers"]],
    }


def entry_words(plain: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Give an entry of a trail with the words of its act, its persons and its places."""
    kind = KINDS.get(plain["action"], {}).get(plain["kind"])
    seal = plain["seal"]
    told = ("seq", "action", "at", "why", "document", "quantity", "unit", "file", "receipt", "due", "previous", "hash")
    return {
        **{key: plain[key] for key in told},
        "act": ACTIONS[plain["action"]][0],
        "kind": kind[0] if kind else "",
        "who": [person_words(person_from_plain(person, at="who"), names) for person in plain["who"]],
        "origin": place_words(plain["from"], names),
        "to": place_words(plain["to"], names),
        "seal": {"number": seal["number"], "state": SEAL_STATES[seal["state"]][0]} if seal else None,
        "particulars": [
            {"words": words[0], "value": plain["particulars"][key]}
            for key, words in PARTICULARS.get(plain["action"], {}).items()
            if key in plain.get("particulars", {})
        ],
    }


def place_words(side: Mapping[str, str] | None, names: Mapping[str, str]) -> dict[str, str] | None:
    """Give who answers, who keeps and where, by name."""
    if side is None:
        return None
    agency, keeper = (names.get(side[key], side[key]) for key in ("agency", "keeper"))
    return {"agency": agency, "keeper": keeper, "place": side["place"]}


def handover_told(plain: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Give a hand-over of an export; of lines the agency may not see only their number is told."""
    lines = [line_from_plain(row, at="lines") for row in plain["lines"] if "hidden" not in row]
    signatures = [signature_from_plain(row, at="signatures") for row in plain["signatures"]]
    shown = [found_words(line) for line in lines]
    return {
        "number": plain["number"],
        "place": plain["place"],
        "giver": names.get(plain["giver"], plain["giver"]),
        "receiver": names.get(plain["receiver"], plain["receiver"]),
        "signed_at": signatures[-1].at.isoformat(),
        "lines": shown,
        "hidden": len(plain["lines"]) - len(lines),
        "differences": [line for line in shown if line["classes"]],
        "signatures": [
            {**person_words(one.person, names), "side": one.side, "at": one.at.isoformat()} for one in signatures
        ],
        "sheet": plain["sheet"],
        "receipt": receipt_hash(plain["sheet"], signatures),
    }


def _case(work: Work, case_id: str) -> Record:
    case = cases.get_case(work.connection, case_id)
    if case is None:
        raise NotFound(at=case_id)
    return case


def _context(work: Work, case: Record, agency_id: str) -> dict[str, Any]:
    """What every layout and body may name."""
    return {
        "case": {"number": case.number, "name": case.name, "charge": case.charge},
        "case_name": case.name,
        "charge": case.charge,
        "agency": agency_words(work.agency(agency_id)),
        "recipient": {"name": ""},
        "copies_to": [],
    }


def _features(work: Work, case: Record, content: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    held = read_items(work, case, [item["code"] for item in content["items"]], lock=False)
    return {code: {key: str(one.row.data.get(key) or "") for key in FEATURES} for code, one in held.items()}
