"""What stands against splitting or joining cases: persons and things in other hands or on the way, codes taken."""

import re
from collections.abc import Collection, Mapping, Sequence

from app.domain.access import Officer
from app.domain.errors import Conflict, Invalid
from app.services.detention import HOUSE
from app.services.names import Names
from app.services.work import Work
from app.storage import case_moves, facts
from app.storage.database import Record


def refuse_at_work(work: Work, officer: Officer, case: Record) -> None:
    """Refuse while another agency, a house of detention left out, has an open task in a case."""
    named = Names(work)
    for agency_id in sorted(case_moves.agencies_at_work(work.connection, case.id) - {officer.agency_id}):
        agency = named.agency(agency_id)
        if agency is not None and agency.kind != HOUSE:
            raise Conflict(
                f"案件 {case.number} 正由{agency.name}办理",
                f"{agency.name} is at work on case {case.number}",
                at="other",
            )


def refuse_busy(
    work: Work, officer: Officer, case: Record, parties: Sequence[Record], items: Collection[str] | None
) -> None:
    """Refuse while a person is in other hands or on the way, or an item is; `items` None: every item counts."""
    called = {row.code: str(row.data.get("name") or row.code) for row in parties}
    named = Names(work)
    for row in case_moves.tasks_about(work.connection, case.id, called):
        if row.kind == "serviceTask":
            raise Conflict(
                f"系统正在办理{called[row.subject]}的“{row.name}”，请稍后再试",
                f"The system is doing “{row.name_en}” for {called[row.subject]}; try again shortly",
                at="persons",
            )
        agency = named.agency(row.agency_id)
        if row.agency_id != officer.agency_id and agency is not None and agency.kind != HOUSE:
            raise Conflict(
                f"{called[row.subject]}正由{agency.name}办理（{row.name}）",
                f"{agency.name} is at work on {called[row.subject]} ({row.name_en})",
                at="persons",
            )
    everybody = {row.code for row in case_moves.parties_of_case(work.connection, case.id)}
    for package in case_moves.open_packages(work.connection, case.id):
        concerned = _concerned(package, everybody) & set(called)
        if concerned:
            who = sorted(called[code] for code in concerned)
            raise Conflict(
                f"移送包“{package.name}”尚未签收，涉及{'、'.join(who)}",
                f"Nobody has signed for the package “{package.name_en}”, which concerns {', '.join(who)}",
                at="persons",
            )
    for line in case_moves.open_handovers(work.connection, case.id):
        holder = str(line.data.get("holder") or "")
        if items is None or line.id in items or holder in called or holder in called.values():
            raise Conflict(
                f"物品 {line.code} 正在交接（{line.number}），请先办结交接",
                f"Item {line.code} is being handed over ({line.number}); end the hand-over first",
                at="items",
            )


def _concerned(package: Record, everybody: Collection[str]) -> set[str]:
    """Whom a package is about: those it names, or everybody when it names nobody."""
    said = [value for given in package.payload.values() for value in (given if isinstance(given, list) else [given])]
    concerned = {value for value in said if isinstance(value, str) and value in everybody}
    if package.subject in everybody:
        concerned.add(package.subject)
    return concerned or set(everybody)


def new_codes(work: Work, case_id: str, kind: str, listed: Sequence[str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Give every row its code in the leading case; a code that exists twice is refused, with a free one offered."""
    taken = set(facts.taken_codes(work.connection, kind, case_id))
    at = "codes" if kind == "parties" else "item_codes"
    found: dict[str, str] = {}
    for old in listed:
        new = str(wanted.get(old) or old).strip()
        if not new or len(new) > 40 or not new.isprintable():  # noqa: PLR2004 - as long as a code may be
            raise Invalid(f"编号 {old} 的新编号无效", f"The new code for {old} is no code", at=f"{at}.{old}")
        if new in taken:
            offer = free(new, taken | set(listed))
            raise Invalid(
                f"编号 {new} 在主案中已存在，可改为 {offer}",
                f"Code {new} exists in the leading case; {offer} is free",
                at=f"{at}.{old}",
            )
        taken.add(new)
        found[old] = new
    return found


def free(code: str, taken: Collection[str]) -> str:
    """Give the first code like this one that is not taken: S1 → S4, E-01 → E-02."""
    match = re.fullmatch(r"(.*?)(\d*)", code)
    stem, digits = match.groups() if match else (code, "")
    number = 1
    while (found := f"{stem}{number:0{max(len(digits), 1)}d}") in taken:
        number += 1
    return found
