"""Cases: opened, found, followed, and shown with where they stand, who holds them and until when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.access import Officer
from app.domain.errors import Forbidden, Invalid, NotFound
from app.engine.diagram import Node, Pool
from app.services import steps
from app.services.incidents import incidents_of
from app.services.library import Edition
from app.services.work import Actor, Work, officer_name
from app.storage import agencies, audit, cases, deadlines, documents, facts, processes, tasks, transfers
from app.storage.database import Record

SHANGHAI = ZoneInfo("Asia/Shanghai")
CASE_NUMBER = "{area_code}-{year}-{serial}"


@dataclass(frozen=True, kw_only=True)
class Startable:
    """A process an officer may start, and in which pool."""

    edition: Edition
    pool: Pool
    partners: tuple[str, ...]


def startable(work: Work, officer: Officer) -> list[Startable]:
    """Give the processes that an officer of this agency may start by hand."""
    found = []
    for edition in work.library.all_current(work.connection):
        diagram = edition.bundle.diagram
        for pool in diagram.pools:
            if pool.kind != officer.kind or _plain_start(edition, pool) is None:
                continue
            if not any(lane.role in officer.roles for lane in pool.lanes):
                continue
            partners = tuple(other.kind for other in diagram.pools if other.kind != pool.kind)
            found.append(Startable(edition=edition, pool=pool, partners=partners))
    return found


def open_case(
    work: Work,
    officer: Officer,
    *,
    process: str,
    name: str,
    charge: str,
    partners: Mapping[str, str] | None = None,
    number: str | None = None,
) -> str:
    """Open a case and start its first process in the officer's agency; give the case's id.

    `partners` names the other agencies that take part, kind → agency key; those of the same area otherwise.
    """
    chosen = _chosen(work, officer, process)
    if not name.strip():
        raise Invalid("请填写案件名称", "Give the case a name", at="name")
    own = work.agency(officer.agency_id)
    if number is not None and not number.strip():
        raise Invalid("案件编号不能为空白", "A case number cannot be blank", at="number")
    if number is not None and cases.case_by_number(work.connection, number) is not None:
        raise Invalid(f"案件编号 {number} 已被使用", f"Case number {number} is taken", at="number")
    case_id = cases.open_case(
        work.connection,
        number=number or _next_number(work, own),
        name=name.strip(),
        charge=charge.strip(),
        area_code=own.area_code,
        opened_at=work.now,
        opened_by=own.id,
    )
    named = partners or {}
    # A kind that is no part of this process may be named for a later one that a message starts.
    for kind in dict.fromkeys([*chosen.partners, *named]):
        partner = _partner(work, own, kind, named.get(kind))
        if partner is not None:
            cases.add_participant(work.connection, case_id=case_id, agency_id=partner.id, kind=kind, at=None)
    _begin(work, officer, chosen, case_id)
    return case_id


def start_process(work: Work, officer: Officer, case_id: str, *, process: str) -> str:
    """Start another process on a case the agency takes part in; give the instance's id."""
    _seen_case(work, officer, case_id)
    chosen = _chosen(work, officer, process)
    running = processes.running(
        work.connection, case_id=case_id, pool=chosen.pool.process_id, agency_id=officer.agency_id
    )
    if running is not None:
        raise Invalid("本案中该流程正在进行", "This process is already running in the case", at=process)
    return _begin(work, officer, chosen, case_id)


def find_cases(
    work: Work, officer: Officer, *, words: str = "", page: int = 1, size: int = 30
) -> tuple[int, Sequence[Record]]:
    """Count and list the cases of the officer's agency whose number, name or charge contains the words."""
    return cases.cases_of(work.connection, officer.agency_id, words=words.strip(), limit=size, offset=(page - 1) * size)


def follow_case(work: Work, officer: Officer, case_id: str, *, on: bool) -> None:
    """Begin or stop following a case."""
    _seen_case(work, officer, case_id)
    cases.follow(work.connection, case_id=case_id, officer_id=officer.id, on=on)


def see_case(work: Work, officer: Officer, case_id: str) -> dict[str, Any]:
    """Give everything the officer's agency may see of a case; NotFound when it takes no part in it."""
    case = _seen_case(work, officer, case_id)
    seen = {"case_id": case_id, "agency_id": officer.agency_id}
    named = _Names(work)
    running = list(processes.processes_of_case(work.connection, case_id))
    open_tasks = tasks.open_tasks_of_case(work.connection, case_id)
    documents_seen = documents.documents_seen(work.connection, **seen)
    return {
        "case": case,
        "followed": cases.follows(work.connection, case_id=case_id, officer_id=officer.id),
        "participants": [
            {"agency": named.agency(row.agency_id), "kind": row.kind, "joined_at": row.joined_at}
            for row in cases.participants(work.connection, case_id)
        ],
        "processes": [_process_view(work, named, row, open_tasks) for row in running],
        "holders": [_holder(named, row) for row in open_tasks],
        "my_tasks": [
            row
            for row in open_tasks
            if row.agency_id == officer.agency_id and row.kind != "serviceTask" and row.role in officer.roles
        ],
        "parties": facts.rows_seen(work.connection, "parties", **seen),
        "items": facts.rows_seen(work.connection, "items", **seen),
        "documents": [
            {"row": row, "agency": named.agency(row.agency_id), "own": row.agency_id == officer.agency_id}
            for row in documents_seen
        ],
        "transfers": [transfer_view(work, named, row) for row in transfers.transfers_of_case(work.connection, **seen)],
        "deadlines": [
            _deadline_view(work, named, row) for row in deadlines.deadlines_of_case(work.connection, case_id)
        ],
        "history": history(work, named, case_id, officer),
        "stages": stages(work, named, running),
        "startable": [
            choice
            for choice in startable(work, officer)
            if not any(row.pool == choice.pool.process_id and row.ended_at is None for row in running)
        ],
        "incidents": incidents_of(work, officer.agency_id, case_ids=[case_id]),
        "typed_twice": typed_twice(work, case_id),
    }


def see_processes(work: Work, officer: Officer, case_id: str) -> list[dict[str, Any]]:
    """Give where every process of a case stands."""
    _seen_case(work, officer, case_id)
    named = _Names(work)
    open_tasks = tasks.open_tasks_of_case(work.connection, case_id)
    rows = processes.processes_of_case(work.connection, case_id)
    return [_process_view(work, named, row, open_tasks) for row in rows]


def followed(work: Work, officer: Officer) -> list[dict[str, Any]]:
    """Give the cases an officer follows, in brief."""
    return [in_brief(work, officer, row) for row in cases.followed_cases(work.connection, officer.id)]


def in_brief(work: Work, officer: Officer, case: Record) -> dict[str, Any]:
    """Give a case as one line of a list: where it stands and until when."""
    open_now = tasks.open_tasks_of_case(work.connection, case.id)
    own = [row for row in open_now if row.agency_id == officer.agency_id]
    first = next(iter(own or open_now), None)
    dues = [row.due for row in open_now if row.due is not None]
    named = [work.agency(row.agency_id).name for row in cases.participants(work.connection, case.id) if row.joined_at]
    return {
        **case._asdict(),
        "opened_by": work.agency(case.opened_by).name,
        "where": first.name if first else "已办结",
        "where_en": first.name_en if first else "Finished",
        "due": min(dues, default=None),
        "agencies": " → ".join(named),
        "custody": any(row.custody for row in open_now),
    }


def stages(work: Work, named: "_Names", running: Sequence[Record]) -> list[dict[str, Any]]:
    """Give the pools of the case's processes in the order in which the case reaches them: done, now, or to come."""
    told: list[dict[str, Any]] = []
    for key in dict.fromkeys(row.bundle_hash for row in running):
        edition = work.library.edition(work.connection, key)
        for pool in edition.bundle.diagram.pools:
            rows = [row for row in running if row.pool == pool.process_id and row.bundle_hash == key]
            last = rows[-1] if rows else None
            agency = named.agency(last.agency_id) if last else None
            over = bool(rows) and all(row.ended_at is not None for row in rows)
            told.append(
                {
                    "agency": agency.name if agency else "",
                    "name": pool.name,
                    "name_en": pool.name_en or pool.name,
                    "state": "done" if over else "now" if rows else "todo",
                    "since": last.started_at if last else None,
                }
            )
    return told


def partner_choices(
    work: Work, officer: Officer, chosen: Startable, *, words: Callable[[str, str], str]
) -> list[dict[str, Any]]:
    """Give for each other pool the agencies it may be, the one of the same area chosen."""
    own = work.agency(officer.agency_id)
    pools = {pool.kind: pool for pool in chosen.edition.bundle.diagram.pools}
    told = []
    for kind in chosen.partners:
        suggested = _partner(work, own, kind, None)
        told.append(
            {
                "kind": kind,
                "words": words(pools[kind].name, pools[kind].name_en or pools[kind].name),
                "options": [
                    {"key": row.key, "name": row.name} for row in agencies.agencies_of_kind(work.connection, kind)
                ],
                "chosen": suggested.key if suggested else "",
            }
        )
    return told


def typed_twice(work: Work, case_id: str) -> int:
    """Count the fields that had to be typed again: the same key with the same value said by two tasks."""
    said: dict[tuple[str, str], set[str | None]] = {}
    for row in facts.count_typed(work.connection, case_id):
        if row.value not in (None, "", [], False, True):
            said.setdefault((row.key, repr(row.value)), set()).add(row.task_id)
    return sum(len(by) - 1 for by in said.values())


def history(work: Work, named: "_Names", case_id: str, officer: Officer) -> list[dict[str, Any]]:
    """Tell what happened: the agency's own acts in full, of the others that their process moved and what was sent."""
    told = []
    for row in audit.entries(work.connection, case_id):
        if row.action == "step" and not row.detail.get("completed"):
            continue
        if row.agency_id != officer.agency_id and row.action not in ("step", "sent", "signed_receipt"):
            continue
        told.append(
            {
                "at": row.at,
                "action": row.action,
                "agency": named.agency(row.agency_id),
                "officer": named.officer(row.officer_id),
                "element": named.element(row.process_id, row.element),
                "detail": row.detail,
            }
        )
    return told


def transfer_view(work: Work, named: "_Names", row: Record) -> dict[str, Any]:
    """Give a package with its contents and its receipt."""
    return {
        "row": row,
        "from": named.agency(row.from_agency),
        "to": named.agency(row.to_agency),
        "documents": transfers.enclosed_documents(work.connection, row.id),
        "sent_by": named.officer(row.sent_by),
        "received_by": named.officer(row.received_by),
    }


def see_case_row(work: Work, officer: Officer, case_id: str) -> Record:
    """Give the case itself, when the officer's agency takes part in it."""
    return _seen_case(work, officer, case_id)


class _Names:
    """Names of agencies, officers and elements, each looked up once."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._agencies = {row.id: row for row in agencies.all_agencies(work.connection)}
        self._officers: dict[str, str] = {}
        self._nodes: dict[str, Mapping[str, Node]] = {}

    def agency(self, agency_id: str | None) -> Record | None:
        return self._agencies.get(agency_id or "")

    def officer(self, officer_id: str | None) -> str:
        key = officer_id or ""
        if key not in self._officers:
            self._officers[key] = officer_name(self._work, officer_id)
        return self._officers[key]

    def element(self, process_id: str | None, element: str) -> tuple[str, str]:
        if not process_id or not element:
            return ("", "")
        if process_id not in self._nodes:
            row = processes.get_process(self._work.connection, process_id)
            if row is None:
                return (element, element)
            edition = self._work.library.edition(self._work.connection, row.bundle_hash)
            self._nodes[process_id] = edition.bundle.diagram.nodes
        node = self._nodes[process_id].get(element)
        return (node.name or element, node.name_en or node.name or element) if node else (element, element)


def names(work: Work) -> _Names:
    """Begin a look-up of names."""
    return _Names(work)


def _process_view(work: Work, named: _Names, row: Record, open_tasks: Sequence[Record]) -> dict[str, Any]:
    edition = work.library.edition(work.connection, row.bundle_hash)
    diagram = edition.bundle.diagram
    walked: list[str] = []
    done: list[str] = []
    for entry in audit.step_entries(work.connection, row.id):
        walked.extend(entry.detail.get("walked", ()))
        done.extend(entry.detail.get("completed", ()))
    mine = [task for task in open_tasks if task.process_id == row.id]
    waiting = [element for _, element in row.waiting] if row.ended_at is None else []
    return {
        "row": row,
        "process": diagram.id,
        "name": diagram.name,
        "name_en": diagram.name_en or diagram.name,
        "pool": steps.pool_of(edition, row.pool),
        "agency": named.agency(row.agency_id),
        "walked": walked,
        "done": done,
        "active": [
            {"element": task.element, "name": task.name, "name_en": task.name_en, "due": task.due} for task in mine
        ],
        "waiting": [
            {
                "element": element,
                "name": diagram.nodes[element].name,
                "name_en": diagram.nodes[element].name_en or diagram.nodes[element].name,
                "from": _senders(edition, element),
            }
            for element in waiting
            if element in diagram.nodes
        ],
        "ended": diagram.nodes.get(row.end_element or ""),
    }


def _senders(edition: Edition, element: str) -> list[Pool]:
    diagram = edition.bundle.diagram
    sources = {diagram.nodes[flow.source].pool for flow in diagram.message_flows if flow.target == element}
    return [pool for pool in diagram.pools if pool.process_id in sources]


def _holder(named: _Names, row: Record) -> dict[str, Any]:
    return {
        "agency": named.agency(row.agency_id),
        "task": row.name,
        "task_en": row.name_en,
        "task_id": row.id,
        "role": row.role,
        "officer": named.officer(row.officer_id),
        "since": row.opened_at,
        "due": row.due,
        "custody": row.custody,
        "machine": row.kind == "serviceTask",
    }


def _deadline_view(work: Work, named: _Names, row: Record) -> dict[str, Any]:
    process = processes.get_process(work.connection, row.process_id)
    if process is None:
        raise NotFound(at=row.process_id)
    edition = work.library.edition(work.connection, process.bundle_hash)
    return {"row": row, "rule": edition.register.rule(row.rule), "agency": named.agency(row.agency_id)}


def _seen_case(work: Work, officer: Officer, case_id: str) -> Record:
    case = cases.get_case(work.connection, case_id)
    if case is None or not cases.takes_part(work.connection, case_id, officer.agency_id):
        raise NotFound("没有这个案件", "No such case", at=case_id)
    return case


def _chosen(work: Work, officer: Officer, process: str) -> Startable:
    for choice in startable(work, officer):
        if choice.edition.bundle.process == process:
            return choice
    work.library.current(work.connection, process)
    raise Forbidden("您的单位或职责不能发起这个流程", "Your agency or role cannot start this process", at=process)


def _begin(work: Work, officer: Officer, chosen: Startable, case_id: str) -> str:
    audit.note(
        work.connection,
        action="started",
        at=work.now,
        case_id=case_id,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        detail={"process": chosen.edition.bundle.process, "bundle": chosen.edition.bundle.hash},
    )
    return steps.begin(
        work,
        case_id=case_id,
        agency_id=officer.agency_id,
        edition=chosen.edition,
        pool=chosen.pool,
        actor=Actor(agency_id=officer.agency_id, officer_id=officer.id),
    )


def _plain_start(edition: Edition, pool: Pool) -> Node | None:
    for node in edition.bundle.diagram.nodes.values():
        if node.pool == pool.process_id and node.position == "start" and not node.message and not node.in_subprocess:
            return node
    return None


def _partner(work: Work, own: Record, kind: str, key: str | None) -> Record | None:
    if key:
        row = agencies.agency_by_key(work.connection, key)
        if row is None or row.kind != kind:
            raise Invalid(f"没有这个单位：{key}", f"No such agency: {key}", at=f"partners.{kind}")
        return row
    same = [row for row in agencies.agencies_of_kind(work.connection, kind) if row.area_code == own.area_code]
    return same[0] if same else None


def _next_number(work: Work, own: Record) -> str:
    year = work.now.astimezone(SHANGHAI).year
    pattern = own.details.get("case_number", CASE_NUMBER)
    while True:
        serial = documents.take_number(work.connection, agency_id=own.id, series="case", year=year)
        number = pattern.format(area_code=own.area_code, year=year, serial=f"{serial:04d}")
        if cases.case_by_number(work.connection, number) is None:
            return str(number)
