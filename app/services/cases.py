"""Cases: opened, found, followed; and the processes an officer may start in them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.access import Officer
from app.domain.errors import Conflict, Forbidden, Invalid, NotFound
from app.engine.diagram import Node, Pool
from app.services import steps
from app.services.library import Edition
from app.services.work import Actor, Work
from app.storage import agencies, audit, cases, documents, processes, tasks
from app.storage.database import Record

SHANGHAI = ZoneInfo("Asia/Shanghai")
JOINED = "joined"
"""The state of a case that was brought under another (并案)."""

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
            if officer.kind not in pool.kinds or _plain_start(edition, pool) is None:
                continue
            if not any(lane.role in officer.roles for lane in pool.lanes):
                continue
            partners = tuple(other.kind for other in diagram.pools if other.kinds == (other.kind,) != pool.kinds)
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
        number=number or next_number(work, own),
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
    case = see_case_row(work, officer, case_id)
    if case.state == JOINED:
        raise Conflict("本案已并入他案，请在主案中发起", "This case was joined to another: start it there", at=process)
    chosen = _chosen(work, officer, process)
    running = processes.running(
        work.connection, case_id=case_id, pool=chosen.pool.process_id, agency_id=officer.agency_id
    )
    if running is not None and not chosen.pool.correlate:
        raise Invalid("本案中该流程正在进行", "This process is already running in the case", at=process)
    return _begin(work, officer, chosen, case_id)


def find_cases(
    work: Work, officer: Officer, *, words: str = "", page: int = 1, size: int = 30
) -> tuple[int, Sequence[Record]]:
    """Count and list the cases of the officer's agency whose number, name, charge or party contains the words."""
    return cases.cases_of(work.connection, officer.agency_id, words=words.strip(), limit=size, offset=(page - 1) * size)


def follow_case(work: Work, officer: Officer, case_id: str, *, on: bool) -> None:
    """Begin or stop following a case."""
    see_case_row(work, officer, case_id)
    cases.follow(work.connection, case_id=case_id, officer_id=officer.id, on=on)


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
        "where": first.name if first else "已并案" if case.state == JOINED else "已办结",
        "where_en": first.name_en if first else "Joined to another" if case.state == JOINED else "Finished",
        "due": min(dues, default=None),
        "agencies": " → ".join(named),
        "custody": any(row.custody for row in open_now),
    }


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


def see_case_row(work: Work, officer: Officer, case_id: str) -> Record:
    """Give the case itself, when the officer's agency takes part in it; NotFound otherwise."""
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


def next_number(work: Work, own: Record) -> str:
    """Take the next case number of an agency that no case bears."""
    year = work.now.astimezone(SHANGHAI).year
    pattern = own.details.get("case_number", CASE_NUMBER)
    while True:
        serial = documents.take_number(work.connection, agency_id=own.id, series="case", year=year)
        number = pattern.format(area_code=own.area_code, year=year, serial=f"{serial:04d}")
        if cases.case_by_number(work.connection, number) is None:
            return str(number)
