"""What exists in demonstrations and stories only: invented people, a clock that can be moved, cases at many stages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from app.domain.errors import Invalid
from app.services.accounts import hash_password
from app.services.custody_intake import colleagues, take_in
from app.services.work import Work, officer_value
from app.storage import agencies, audit, cases, documents, facts, officers, settings

PASSWORD = "xianjie-demo"  # noqa: S105 - public by design: it opens demonstration accounts only


def set_clock(work: Work, now: datetime, *, ticking: bool, machine: datetime) -> None:
    """Set the hour of the cases; standing still, or ticking on from here."""
    settings.put_setting(
        work.connection,
        "clock",
        {"now": now.isoformat(), "ticking": ticking, "set_at": machine.isoformat()},
    )
    audit.note(work.connection, action="clock_set", at=work.now, detail={"to": now.isoformat(), "ticking": ticking})


def put_counters(work: Work, fixture: Mapping[str, Any]) -> None:
    """Write the serials that were used before this system: `counters` agency → series → last, of the year `year`."""
    for key, series_ in fixture.get("counters", {}).items():
        row = agencies.agency_by_key(work.connection, key)
        if row is None:
            raise Invalid(f"没有单位 {key}", f"There is no agency {key}", at="counters")
        for series, last in series_.items():
            documents.raise_counter(
                work.connection, agency_id=row.id, series=series, year=int(fixture["year"]), last=int(last)
            )


def put_people(work: Work, fixture: Mapping[str, Any]) -> None:
    """Write the agencies and officers of a fixture; who is there already is left alone.

    Shapes: `agencies` key → {kind, name, short, unit, head, area_code, …}; `officers` list of {username, name, role or
    roles, agency, cert}.
    """
    area = str(fixture.get("case", {}).get("area_code", ""))
    ids: dict[str, str] = {}
    for key, given in fixture.get("agencies", {}).items():
        known = agencies.agency_by_key(work.connection, key)
        if known is not None:
            ids[key] = known.id
            continue
        plain = ("kind", "name", "short", "unit", "area_code", "head")
        ids[key] = agencies.put_agency(
            work.connection,
            key=key,
            values={
                "kind": given.get("kind", key),
                "name": given["name"],
                "short": given.get("short", ""),
                "unit": given.get("unit", ""),
                "area_code": str(given.get("area_code", area)),
                "head": given.get("head") or given.get("chief") or given.get("president") or "",
                "details": {name: value for name, value in given.items() if name not in plain},
            },
        )
    for given in fixture.get("officers", []):
        _put_officer(work, given, ids)


def _put_officer(work: Work, given: Mapping[str, Any], ids: Mapping[str, str]) -> None:
    username = str(given.get("username") or given["name"])
    if officers.officer_by(work.connection, username=username) is not None:
        return
    roles = list(given.get("roles") or [given["role"]])
    agency = str(given.get("agency") or roles[0].split("_")[0])
    if agency not in ids:
        raise Invalid(f"没有单位 {agency}", f"There is no agency {agency}", at=username)
    officers.put_officer(
        work.connection,
        username=username,
        values={
            "name": given["name"],
            "agency_id": ids[agency],
            "roles": roles,
            "cert_no": str(given.get("cert") or given.get("badge") or ""),
            "password": _demo_hash(),
            "active": True,
            "language": "zh",
        },
    )


def put_custody(work: Work, case_id: str, fixture: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Write items of a fixture into the case and take them into custody, as `given` says.

    Shape: {by: user name, beside: [user names], items: [codes], document: what stands behind items that name none}.
    """
    row = officers.officer_by(work.connection, username=str(given.get("by")))
    if row is None:
        raise Invalid("没有这名人员", "There is no such officer", at="given.custody.by")
    officer = officer_value(work, row)
    wanted = list(given.get("items", []))
    known = {item["code"]: item for item in fixture.get("items", [])}
    missing = [code for code in wanted if code not in known]
    if missing:
        raise Invalid(f"没有物品 {missing[0]}", f"There is no item {missing[0]}", at="given.custody.items")
    rows = [known[code] for code in wanted]
    facts.put_rows(work.connection, "items", case_id=case_id, agency_id=officer.agency_id, rows=rows)
    beside = colleagues(work, officer, given.get("beside", []))
    take_in(work, officer, case_id, rows, beside=beside, why="依法扣押、收集", document=str(given.get("document", "")))


def put_known(work: Work, case_id: str, fixture: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Write what agencies know of the case from stages that the story leaves out.

    Shape: agency key → {parties: [codes], items: [codes], facts: {key: value}, persons: {code: {key: value}}}; rows are
    those of the fixture, `persons` holds what was said of one party.
    """
    for key, known in given.items():
        row = agencies.agency_by_key(work.connection, key)
        if row is None:
            raise Invalid(f"没有单位 {key}", f"There is no agency {key}", at="given.known")
        cases.add_participant(work.connection, case_id=case_id, agency_id=row.id, kind=row.kind, at=work.now)
        for kind in ("parties", "items"):
            listed = {one["code"]: one for one in fixture.get(kind, [])}
            wanted = known.get(kind, [])
            missing = [code for code in wanted if code not in listed]
            if missing:
                raise Invalid(f"没有 {missing[0]}", f"There is no {missing[0]}", at=f"given.known.{key}.{kind}")
            taken = facts.taken_codes(work.connection, kind, case_id)
            new = [listed[code] for code in wanted if code not in taken]
            facts.put_rows(work.connection, kind, case_id=case_id, agency_id=row.id, rows=new)
            facts.disclose(
                work.connection,
                case_id=case_id,
                agency_id=row.id,
                kind=kind,
                references=[code for code in wanted if code in taken],
                transfer_id=None,
                at=work.now,
            )
        for subject, said in {"": known.get("facts", {}), **known.get("persons", {})}.items():
            facts.add_facts(
                work.connection,
                case_id=case_id,
                agency_id=row.id,
                facts=said,
                task_id=None,
                officer_id=None,
                at=work.now,
                subject=subject,
            )


def accounts(work: Work) -> Sequence[dict[str, Any]]:
    """The demonstration accounts by agency: user name, name, roles; every one has the same public password."""
    named = {row.id: row for row in agencies.all_agencies(work.connection)}
    return [
        {"username": row.username, "name": row.name, "agency": named[row.agency_id].name, "roles": row.roles}
        for row in officers.all_officers(work.connection)
    ]


def account_lines(work: Work) -> list[str]:
    """Tell the demonstration accounts on the command line."""
    lines = [f"演示账号 demo accounts (password: {PASSWORD})"]
    lines += [
        f"  {row['username']:<16} {row['name']:<8} {row['agency']} {', '.join(row['roles'])}" for row in accounts(work)
    ]
    return lines


@lru_cache(maxsize=1)
def _demo_hash() -> str:
    return hash_password(PASSWORD)
