"""Cases joined and split (并案, 分案; MPS2020 176): persons go to another case, both histories stay and are linked.

What is about a person alone goes with the person: processes with their tasks and clocks, what was said, documents. What
is about the case stays where it is and is shown in the other case. Items stay in the case in which they were seized:
their trails name it. Numbers and hours change nowhere.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.access import Officer
from app.domain.errors import Conflict, Invalid
from app.engine import runner
from app.services import steps
from app.services.cases import JOINED, next_number, see_case_row
from app.services.joining_limits import free, new_codes, refuse_at_work, refuse_busy
from app.services.names import Names
from app.services.work import Work
from app.storage import audit, case_links, case_moves, cases, documents, facts
from app.storage.database import Record

LONGEST_WHY, LONGEST_DOCUMENT, LONGEST_NAME, LONGEST_NUMBER = 500, 100, 200, 60


def split(
    work: Work,
    officer: Officer,
    case_id: str,
    persons: Sequence[str],
    name: str,
    why: str,
    document: str,
    *,
    items: Sequence[str] = (),
    papers: Sequence[str] = (),
    number: str | None = None,
) -> str:
    """Make a case of its own of some persons of a case; give its id.

    `document` is the number of the decision, `items` the codes and `papers` the ids of the documents that the new case
    is shown beside what is about the persons. Raises Invalid for an unknown or missing person, item or paper and when
    nobody would stay, Conflict while a person, an item or the case is in other hands.
    """
    case = _in_hand(work, officer, case_id)
    called = _text(name, at="name", longest=LONGEST_NAME, zh="请填写新案件名称", en="Give the new case a name")
    told = _reason(why, document)
    parties = {row.code: row for row in case_moves.parties_of_case(work.connection, case_id)}
    chosen = _chosen(work, officer, case_id, parties, persons)
    things = _things(work, officer, case_id, items)
    shown = _papers(work, officer, case_id, papers)
    refuse_busy(work, officer, case, chosen, {row["id"] for row in things})
    own = work.agency(officer.agency_id)
    new_id = cases.open_case(
        work.connection,
        number=_number(work, own, number),
        name=called,
        charge=case.charge,
        area_code=case.area_code,
        opened_at=work.now,
        opened_by=own.id,
    )
    case_moves.copy_participants(work.connection, from_case=case_id, to_case=new_id)
    ids = case_moves.copy_facts(work.connection, from_case=case_id, to_case=new_id, subject="")
    _show(work, case_id, new_id, "fact", ids)
    moves = [_take(work, case_id, new_id, row, row.code) for row in chosen]
    moves += [_lend(work, case_id, new_id, row, row["code"]) for row in things]
    moves += [_show_paper(work, case_id, new_id, row) for row in shown]
    _link(work, officer, "split", case_id, new_id, moves, told)
    return new_id


def join(
    work: Work,
    officer: Officer,
    case_id: str,
    other: str,
    why: str,
    document: str,
    *,
    codes: Mapping[str, str] | None = None,
    item_codes: Mapping[str, str] | None = None,
) -> None:
    """Bring another case (by id or number) under a leading one: its persons go there, its items and papers are shown.

    `codes` and `item_codes` give new codes to persons and items whose code the leading case has already. Processes
    about the other case as a whole end there. Raises Invalid for the case itself and for a code that exists twice (the
    sentence offers a free one), Conflict while either case is in other hands.
    """
    leading = _in_hand(work, officer, case_id)
    brought = _in_hand(work, officer, found_case(work, officer, other).id)
    told = _reason(why, document)
    if brought.id == leading.id:
        raise Invalid("不能将案件并入其自身", "A case cannot be joined to itself", at="other")
    parties = case_moves.parties_of_case(work.connection, brought.id)
    refuse_at_work(work, officer, brought)
    refuse_busy(work, officer, brought, parties, None)
    things = _all_things(work, brought.id)
    codes_here = new_codes(work, leading.id, "parties", [row.code for row in parties], codes or {})
    item_codes_here = new_codes(work, leading.id, "items", [row["code"] for row in things], item_codes or {})
    case_moves.copy_participants(work.connection, from_case=brought.id, to_case=leading.id)
    moves = []
    for row in parties:
        code = codes_here[row.code]
        said = {(fact.agency_id, fact.key) for fact in case_moves.facts_about(work.connection, brought.id, row.code)}
        # The leading case says other things under the same keys: these are said of the persons who come.
        ids = case_moves.copy_facts(work.connection, from_case=brought.id, to_case=leading.id, subject=code, but=said)
        _show(work, brought.id, leading.id, "fact", ids)
        moves.append(_take(work, brought.id, leading.id, row, code))
    moves += [_lend(work, brought.id, leading.id, row, item_codes_here[row["code"]]) for row in things]
    for paper in documents.issued_in_case(work.connection, brought.id):
        moves.append(_show_paper(work, brought.id, leading.id, paper))
    cases.change_case(work.connection, brought.id, state=JOINED)
    _link(work, officer, "join", brought.id, leading.id, moves, told)


def found_case(work: Work, officer: Officer, given: str) -> Record:
    """Find a case the officer's agency takes part in by its id or its number."""
    row = cases.case_by_number(work.connection, given.strip())
    return see_case_row(work, officer, row.id if row is not None else given.strip())


def offered_codes(work: Work, officer: Officer, case_id: str, other: str) -> dict[str, dict[str, str]]:
    """Give for the persons (`parties`) and `items` of another case whose code is taken in this one a free code."""
    see_case_row(work, officer, case_id)
    see_case_row(work, officer, other)
    own = {
        "parties": [row.code for row in case_moves.parties_of_case(work.connection, other)],
        "items": [row["code"] for row in _all_things(work, other)],
    }
    offered: dict[str, dict[str, str]] = {}
    for kind, listed in own.items():
        taken = set(facts.taken_codes(work.connection, kind, case_id))
        offered[kind] = {}
        for code in listed:
            if code in taken:
                offered[kind][code] = free(code, taken | set(listed))
            taken.add(offered[kind].get(code, code))
    return offered


def links_of(work: Work, officer: Officer, case_id: str) -> list[dict[str, Any]]:
    """Give the splits and joins of a case: which case is at the other end, what went, why, by which decision."""
    rows = case_links.links_of_case(work.connection, case_id)
    if not rows:
        return []
    named = Names(work)
    moves = case_links.moves_of_case(work.connection, case_id)
    about = [(move.to_case, move.to_code) for move in moves if move.kind == "parties"]
    names = facts.names_seen(work.connection, agency_id=officer.agency_id, about=about)
    others = cases.cases_by_id(
        work.connection, {row.to_case if row.from_case == case_id else row.from_case for row in rows}
    )
    seen = cases.taking_part(work.connection, others, officer.agency_id)
    told = []
    for row in rows:
        outward = row.from_case == case_id
        other = others[row.to_case if outward else row.from_case]
        mine = [move for move in moves if move.link_id == row.id]
        told.append(
            {
                "kind": row.kind,
                "outward": outward,
                "case_id": other.id if other.id in seen else "",
                "case_number": other.number,
                "at": row.at,
                "why": row.why,
                "document": row.document,
                "agency": named.agency(row.agency_id),
                "officer": named.officer(row.officer_id),
                "persons": [
                    {
                        "code": move.to_code,
                        "was": move.from_code,
                        "name": names.get((move.to_case, move.to_code), move.to_code),
                    }
                    for move in mine
                    if move.kind == "parties"
                ],
                "items": [{"code": move.to_code, "was": move.from_code} for move in mine if move.kind == "items"],
            }
        )
    return told


def lent_items(work: Work, officer: Officer, case_id: str) -> dict[str, tuple[str, str]]:
    """Give for the items of other cases that are shown in a case, by code, the case and the code of each there."""
    rows = facts.items_shown(work.connection, case_id=case_id, agency_id=officer.agency_id)
    return {row.to_code: (row.case_id, row.data["code"]) for row in rows}


def _in_hand(work: Work, officer: Officer, case_id: str) -> Record:
    case = see_case_row(work, officer, case_id)
    if case.state == JOINED:
        raise Conflict(f"案件 {case.number} 已并入他案", f"Case {case.number} was joined to another", at=case.number)
    if case.opened_by != officer.agency_id and not case_moves.runs_in(work.connection, case_id, officer.agency_id):
        raise Conflict(
            f"案件 {case.number} 不由本单位办理，不能并案或者分案",
            f"Case {case.number} is not your agency's to join or split",
            at=case.number,
        )
    return case


def _reason(why: str, document: str) -> dict[str, str]:
    return {
        "why": _text(why, at="why", longest=LONGEST_WHY, zh="请填写理由", en="Say why"),
        "document": _text(
            document,
            at="document",
            longest=LONGEST_DOCUMENT,
            zh="请填写决定文书的文号",
            en="Give the number of the decision",
        ),
    }


def _text(given: str, *, at: str, longest: int, zh: str, en: str) -> str:
    text = given.strip()
    if not text or not text.isprintable():
        raise Invalid(zh, en, at=at)
    if len(text) > longest:
        raise Invalid(f"不得超过 {longest} 个字符", f"At most {longest} characters", at=at)
    return text


def _number(work: Work, own: Record, given: str | None) -> str:
    if given is None or not given.strip():
        return next_number(work, own)
    number = _text(given, at="number", longest=LONGEST_NUMBER, zh="请填写案件编号", en="Give a case number")
    if cases.case_by_number(work.connection, number) is not None:
        raise Invalid(f"案件编号 {number} 已被使用", f"Case number {number} is taken", at="number")
    return number


def _chosen(
    work: Work, officer: Officer, case_id: str, parties: Mapping[str, Record], persons: Sequence[str]
) -> list[Record]:
    codes = list(dict.fromkeys(persons))
    seen = facts.codes_seen(work.connection, "parties", case_id=case_id, agency_id=officer.agency_id, codes=codes)
    unknown = [code for code in codes if code not in seen]
    if unknown:
        raise Invalid(
            f"本案没有人员 {'、'.join(unknown)}", f"The case has no person {', '.join(unknown)}", at="persons"
        )
    if not codes:
        raise Invalid("请选择分出的人员", "Choose who is split off", at="persons")
    if len(codes) == len(parties):
        raise Invalid("不能将全部人员分出，原案至少保留一人", "Somebody must stay in the case", at="persons")
    return [parties[code] for code in codes]


def _things(work: Work, officer: Officer, case_id: str, items: Sequence[str]) -> list[dict[str, Any]]:
    wanted = list(dict.fromkeys(items))
    seen = facts.codes_seen(work.connection, "items", case_id=case_id, agency_id=officer.agency_id, codes=wanted)
    shown = {row.to_code for row in facts.items_shown(work.connection, case_id=case_id, agency_id=officer.agency_id)}
    unknown = [code for code in wanted if code not in seen | shown]
    if unknown:
        raise Invalid(f"本案没有物品 {'、'.join(unknown)}", f"The case has no item {', '.join(unknown)}", at="items")
    return [row for row in _all_things(work, case_id) if row["code"] in wanted]


def _all_things(work: Work, case_id: str) -> list[dict[str, Any]]:
    """Give the items of a case, its own and those another case shows in it: id, code here, name, owner."""
    own = [
        {"id": row.id, "code": row.code, "name": row.data.get("name") or row.code, "agency_id": row.agency_id}
        for row in case_moves.items_with_codes(work.connection, case_id)
    ]
    shown = [
        {"id": move.reference, "code": move.to_code, "name": move.name, "agency_id": ""}
        for move in case_links.moves_of_case(work.connection, case_id)
        if move.kind == "items" and move.to_case == case_id
    ]
    return [*own, *shown]


def _papers(work: Work, officer: Officer, case_id: str, papers: Sequence[str]) -> list[Record]:
    seen = {
        row.id: row for row in documents.documents_seen(work.connection, case_id=case_id, agency_id=officer.agency_id)
    }
    unknown = [paper for paper in papers if paper not in seen]
    if unknown:
        raise Invalid("本案没有所选文书", "The case has no such document", at="papers")
    return [seen[paper] for paper in dict.fromkeys(papers)]


def _take(work: Work, from_case: str, to_case: str, row: Record, to_code: str) -> dict[str, str]:
    """Take a person to another case with everything that is about that person alone."""
    connection = work.connection
    said = case_moves.facts_about(connection, from_case, row.code)
    papers = case_moves.documents_about(connection, from_case, row.code)
    _show(work, from_case, to_case, "parties", {row.code: to_code})
    _show(work, from_case, to_case, "fact", {fact.id: fact.id for fact in said})
    _show(work, from_case, to_case, "document", {paper.id: paper.id for paper in papers})
    for paper in papers:
        _disclose(work, from_case, paper.agency_id, "document", paper.id)
    variables = {
        _rename(work, process, row.code, to_code)
        for process in case_moves.processes_about(connection, from_case, [row.code])
    }
    for letter in case_moves.letters_waiting(connection, from_case):
        if row.code in letter.payload.values():
            payload = {key: to_code if value == row.code else value for key, value in letter.payload.items()}
            case_moves.carry_letter(connection, letter.id, to_case=to_case, payload=payload)
    case_moves.carry_person(connection, from_case=from_case, code=row.code, to_case=to_case, to_code=to_code)
    for fact in said:
        if fact.key in variables and fact.value == row.code:
            facts.add_facts(
                connection,
                case_id=to_case,
                agency_id=fact.agency_id,
                facts={fact.key: to_code},
                task_id=None,
                officer_id=None,
                at=work.now,
                subject=to_code,
            )
    return {
        "kind": "parties",
        "reference": row.id,
        "from_code": row.code,
        "to_code": to_code,
        "name": str(row.data.get("name") or row.code),
    }


def _rename(work: Work, process: Record, code: str, to_code: str) -> str:
    """Let an instance know its person under the new code; give the variable that holds it when it was changed."""
    if code == to_code:
        return ""
    edition = work.library.edition(work.connection, process.bundle_hash)
    variable = steps.pool_of(edition, process.pool).subject
    if not variable:
        return ""
    state = runner.renamed(
        edition.bundle.definition(process.pool), process.state, variable=variable, old=code, new=to_code, now=work.now
    )
    changed = {key: to_code if key == variable and value == code else value for key, value in process.variables.items()}
    case_moves.change_state(work.connection, process.id, state=state, variables=changed)
    return variable


def _lend(work: Work, from_case: str, to_case: str, row: Mapping[str, Any], to_code: str) -> dict[str, str]:
    """Show an item in another case; it stays where it was seized."""
    _show(work, from_case, to_case, "items", {row["code"]: to_code})
    return {
        "kind": "items",
        "reference": row["id"],
        "from_code": row["code"],
        "to_code": to_code,
        "name": str(row["name"]),
    }


def _show_paper(work: Work, from_case: str, to_case: str, row: Record) -> dict[str, str]:
    _show(work, from_case, to_case, "document", {row.id: row.id})
    _disclose(work, to_case, row.agency_id, "document", row.id)
    return {"kind": "document", "reference": row.id, "from_code": row.number, "to_code": row.number, "name": row.title}


def _show(work: Work, from_case: str, to_case: str, kind: str, references: Mapping[str, str]) -> None:
    case_moves.copy_disclosures(work.connection, from_case=from_case, to_case=to_case, kind=kind, references=references)


def _disclose(work: Work, case_id: str, agency_id: str, kind: str, reference: str) -> None:
    facts.disclose(
        work.connection,
        case_id=case_id,
        agency_id=agency_id,
        kind=kind,
        references=[reference],
        transfer_id=None,
        at=work.now,
    )


def _link(
    work: Work,
    officer: Officer,
    kind: str,
    from_case: str,
    to_case: str,
    moves: Sequence[Mapping[str, str]],
    told: Mapping[str, str],
) -> None:
    link = case_links.add_link(
        work.connection,
        kind=kind,
        from_case=from_case,
        to_case=to_case,
        agency_id=officer.agency_id,
        officer_id=officer.id,
        at=work.now,
        moves=moves,
        **told,
    )
    numbers = {row.id: row.number for row in cases.cases_by_id(work.connection, {from_case, to_case}).values()}
    persons = [move["name"] for move in moves if move["kind"] == "parties"]
    for case_id, other in ((from_case, to_case), (to_case, from_case)):
        audit.note(
            work.connection,
            action=f"case_{kind}" if case_id == from_case else f"case_{kind}_here",
            at=work.now,
            case_id=case_id,
            agency_id=officer.agency_id,
            officer_id=officer.id,
            detail={"link": link, "number": numbers[other], "persons": persons, **told},
        )
