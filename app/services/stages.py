"""The stages of a case over all its processes and agencies, in the order in which the case reached them."""

from collections.abc import Sequence
from typing import Any

from app.engine.diagram import Pool
from app.services.names import Names
from app.services.persons import Naming, by_code
from app.services.work import Work
from app.storage.database import Record


def stages(work: Work, named: Names, running: Sequence[Record], person: Naming) -> list[dict[str, Any]]:
    """Give one stage a process: done or now, the agencies that have a part in it, and every person it runs for.

    `running` are the instances of the case, oldest first. A person is done when every instance about them has ended;
    the ends that were reached are the outcome.
    """
    by_process: dict[str, list[Record]] = {}
    for row in running:
        diagram = work.library.edition(work.connection, row.bundle_hash).bundle.diagram
        by_process.setdefault(diagram.id, []).append(row)
    return [_stage(work, named, rows, person) for rows in by_process.values()]


def _stage(work: Work, named: Names, rows: Sequence[Record], person: Naming) -> dict[str, Any]:
    diagram = work.library.edition(work.connection, rows[-1].bundle_hash).bundle.diagram
    return {
        "process": diagram.id,
        "name": diagram.name,
        "name_en": diagram.name_en or diagram.name,
        "state": _state(rows),
        "since": rows[0].started_at,
        "until": max(row.ended_at for row in rows) if _state(rows) == "done" else None,
        "agencies": [part for pool in diagram.pools for part in _parts(named, pool, rows)],
        "persons": _persons(work, rows, person),
    }


def _state(rows: Sequence[Record]) -> str:
    if not rows:
        return "todo"
    return "done" if all(row.ended_at is not None for row in rows) else "now"


def _parts(named: Names, pool: Pool, rows: Sequence[Record]) -> list[dict[str, Any]]:
    """Give the agencies that take this part, or the part's own name while none has."""
    mine = [row for row in rows if row.pool == pool.process_id]
    by_agency: dict[str, list[Record]] = {}
    for row in mine:
        by_agency.setdefault(row.agency_id, []).append(row)
    told: list[dict[str, Any]] = []
    for agency_id, own in (by_agency or {"": []}).items():
        agency = named.agency(agency_id)
        told.append(
            {
                "agency": agency.name if agency else "",
                "name": pool.name,
                "name_en": pool.name_en or pool.name,
                "state": _state(own),
            }
        )
    return told


def _persons(work: Work, rows: Sequence[Record], person: Naming) -> list[dict[str, Any]]:
    by_person: dict[str, list[Record]] = {}
    for row in rows:
        if row.subject:
            by_person.setdefault(row.subject, []).append(row)
    told: list[dict[str, Any]] = []
    for code, own in sorted(by_person.items(), key=lambda of: by_code(of[0])):
        ends = [_end(work, row) for row in own if row.ended_at is not None]
        outcomes = list(dict.fromkeys(end for end in ends if end[0]))
        told.append(
            {
                "code": code,
                "name": person(own[0]),
                "state": _state(own),
                "outcome": "、".join(zh for zh, _ in outcomes),
                "outcome_en": ", ".join(en for _, en in outcomes),
            }
        )
    return told


def _end(work: Work, row: Record) -> tuple[str, str]:
    nodes = work.library.edition(work.connection, row.bundle_hash).bundle.diagram.nodes
    node = nodes.get(row.end_element or "")
    return (node.name or "", node.name_en or node.name or "") if node else ("", "")
