"""The trails of a case as one file that proves itself: entries, hand-overs, files, and a hash over all."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from app.domain.access import Officer
from app.domain.custody_chain import moment_text
from app.domain.custody_file import agencies_named, assemble, top_hash
from app.domain.custody_manifest import assemble_manifest, manifest_hash
from app.domain.custody_sheet import handover_to_plain
from app.domain.errors import NotFound
from app.services.custody_bundle import Content, Plan
from app.services.custody_case_uco import case_uco
from app.services.custody_handovers import value_of
from app.services.files import DOWNLOADED, read_reason
from app.services.work import Work
from app.storage import agencies, audit, cases, custody, facts, item_files, uploads
from app.storage.database import Record

CASE_UCO = "case-uco"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What an export covers: the case, the items, and for whom it is (None for the operator of the node)."""

    case: Record
    seen: set[str]
    officer: Officer | None


def export_trail(work: Work, officer: Officer, case_id: str) -> bytes:
    """Give the trails of the items the officer's agency may see, as canonical JSON; the export is noted."""
    return _noted(work, _scope_of_officer(work, officer, case_id))


def told_trail(work: Work, officer: Officer, case_id: str, code: str = "") -> bytes:
    """Give what `export_trail` gives, of one item when it is named; who hands it out notes that.

    Raises NotFound for an item without a trail, or one the officer's agency may not see.
    """
    scope = _scope_of_officer(work, officer, case_id)
    if code and code not in scope.seen:
        raise NotFound(f"本案没有 {code} 的保管记录", f"The case has no trail of {code}", at=code)
    return _trail(work, replace(scope, seen={code}) if code else scope)


def export_case(work: Work, number: str) -> bytes:
    """Give the trails of every item of a case, by its number, for the operator of the node; the export is noted."""
    return _noted(work, _scope_of_operator(work, number))


def plan_trail(work: Work, officer: Officer, case_id: str, *, reason: str) -> Plan:
    """Give the trails an officer's agency may see with the files of their items it may see; noted by `note_files`."""
    read_reason(reason)
    return _plan(work, _scope_of_officer(work, officer, case_id))


def plan_case(work: Work, number: str) -> Plan:
    """Give the trails of a case with all files of their items, for the operator of the node."""
    return _plan(work, _scope_of_operator(work, number))


def note_files(work: Work, officer: Officer | None, plan: Plan, *, reason: str) -> None:
    """Note that a trail was exported with its files, and why: each of them was accessed."""
    who: dict[str, Any] = {
        "at": work.now,
        "case_id": plan.case_id,
        "agency_id": officer.agency_id if officer else None,
        "officer_id": officer.id if officer else None,
    }
    said = read_reason(reason)
    told = {"sha256": top_hash(plan.trail), "files": manifest_hash(plan.manifest), "reason": said}
    audit.note(work.connection, action="custody_export", detail=told, **who)
    for content in plan.contents:
        detail = {"title": content.title, "sha256": content.sha256, "items": list(content.items), "reason": said}
        audit.note(work.connection, action=DOWNLOADED, detail=detail, **who)


def _scope_of_officer(work: Work, officer: Officer, case_id: str) -> Scope:
    case = cases.get_case(work.connection, case_id)
    if case is None or not cases.takes_part(work.connection, case_id, officer.agency_id):
        raise NotFound("没有这个案件", "No such case", at=case_id)
    codes = [ledger["item"] for ledger in custody.ledgers_of_case(work.connection, case_id)]
    seen = facts.codes_seen(work.connection, "items", case_id=case_id, agency_id=officer.agency_id, codes=codes)
    return Scope(case=case, seen=seen, officer=officer)


def _scope_of_operator(work: Work, number: str) -> Scope:
    case = cases.case_by_number(work.connection, number)
    if case is None:
        raise NotFound(f"没有案件 {number}", f"There is no case {number}", at=number)
    seen = {row["item"] for row in custody.ledgers_of_case(work.connection, case.id)}
    return Scope(case=case, seen=seen, officer=None)


def _noted(work: Work, scope: Scope) -> bytes:
    content = _trail(work, scope)
    _note(work, scope, sha256=top_hash(content))
    return content


def _note(work: Work, scope: Scope, **detail: str) -> None:
    officer = scope.officer
    audit.note(
        work.connection,
        action="custody_export",
        at=work.now,
        case_id=scope.case.id,
        agency_id=officer.agency_id if officer else None,
        officer_id=officer.id if officer else None,
        detail={**detail, "items": sorted(scope.seen)},
    )


def _trail(work: Work, scope: Scope) -> bytes:
    case, seen = scope.case, scope.seen
    entries = [row for row in custody.entries_of_case(work.connection, case.id) if row["item"] in seen]
    handovers = _handovers(work, case, seen)
    return assemble(
        number=case.number,
        name=case.name,
        at=work.now,
        agencies=_names(work, agencies_named(entries, handovers)),
        ledgers=[row for row in custody.ledgers_of_case(work.connection, case.id) if row["item"] in seen],
        entries=entries,
        handovers=handovers,
    )


def export_linked(work: Work, officer: Officer, case_id: str, code: str = "") -> bytes:
    """Give what `told_trail` gives in the terms of CASE/UCO (JSON-LD); raises as it does. The export is noted."""
    scope = _scope_of_officer(work, officer, case_id)
    content = case_uco(json.loads(told_trail(work, officer, case_id, code)))
    _note_linked(work, replace(scope, seen={code} if code else scope.seen), content)
    return content


def export_case_linked(work: Work, number: str) -> bytes:
    """Give what `export_case` gives in the terms of CASE/UCO; the export is noted."""
    scope = _scope_of_operator(work, number)
    content = case_uco(json.loads(_trail(work, scope)))
    _note_linked(work, scope, content)
    return content


def _note_linked(work: Work, scope: Scope, content: bytes) -> None:
    _note(work, scope, sha256=hashlib.sha256(content).hexdigest(), terms=CASE_UCO)


def _plan(work: Work, scope: Scope) -> Plan:
    trail = _trail(work, scope)
    case, officer = scope.case, scope.officer
    links: dict[str, list[Record]] = {}
    for link in item_files.live_links(work.connection, case_id=case.id, codes=scope.seen):
        links.setdefault(link.file_id, []).append(link)
    spoken = {row["sha256"]: row["items"] for row in json.loads(trail)["files"]}
    seen = (
        uploads.files_seen(work.connection, case_id=case.id, agency_id=officer.agency_id)
        if officer
        else uploads.files_of_case(work.connection, case.id)
    )
    keys = {agency.id: agency.key for agency in agencies.all_agencies(work.connection)}
    numbers = {row.id: row.number for row in custody.handovers_of_case(work.connection, case.id)}
    rows: dict[str, dict[str, Any]] = {}
    for file in seen:
        if file.id not in links and file.sha256 not in spoken:
            continue
        row = rows.setdefault(file.sha256, {**_about(file), "names": [], "links": []})
        row["names"].append(file.name)
        row["links"] += [
            {
                "item": link.code,
                "role": link.role,
                "shows": link.shows,
                "handover": numbers.get(link.handover_id, ""),
                "by": keys[link.agency_id],
                "at": moment_text(link.at),
            }
            for link in links.get(file.id, ())
        ]
    manifest = assemble_manifest(
        number=case.number,
        name=case.name,
        trail=top_hash(trail),
        files=rows.values(),
        absent=spoken.keys() - rows.keys(),
    )
    contents = tuple(
        Content(
            sha256=key,
            size=row["size"],
            title=row["names"][0],
            items=tuple(sorted({*spoken.get(key, ()), *(link["item"] for link in row["links"])})),
        )
        for key, row in sorted(rows.items())
    )
    return Plan(case_id=case.id, number=case.number, trail=trail, manifest=manifest, contents=contents)


def _about(file: Record) -> dict[str, Any]:
    return {
        "sha256": file.sha256,
        "sm3": file.sm3 or "",
        "size": file.size,
        "type": file.found_type,
        "flag": file.flag or "",
    }


def _names(work: Work, keys: Iterable[str]) -> dict[str, str]:
    found = [agencies.agency_by_key(work.connection, key) for key in keys]
    return {row.key: row.name for row in found if row is not None}


def _handovers(work: Work, case: Record, seen: set[str]) -> list[dict[str, Any]]:
    found = []
    for row in custody.handovers_of_case(work.connection, case.id):
        if row.state != "signed":
            continue
        value = value_of(work, row)
        if any(line.item in seen for line in value.lines):
            found.append(handover_to_plain(value, sheet=row.sheet, seen=seen))
    return found
