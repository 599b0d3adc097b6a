"""A message between pools is a transfer (移送): a package goes to the other agency, which signs for it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from app.domain.errors import Stuck
from app.engine.diagram import Node, Pool
from app.engine.runner import SentMessage
from app.services.item_file_travel import files_of_items
from app.services.library import Edition
from app.services.work import Actor, Work
from app.storage import agencies, audit, cases, documents, facts, processes, transfers
from app.storage.database import Record

if TYPE_CHECKING:
    from app.services.steps import Instance


class Begin(Protocol):
    """How an instance is started; `steps.begin`."""

    def __call__(
        self,
        work: Work,
        *,
        case_id: str,
        agency_id: str,
        edition: Edition,
        pool: Pool,
        actor: Actor,
        variables: Mapping[str, Any] | None = None,
        message: str | None = None,
    ) -> str:
        """Start it."""
        ...


class Deliver(Protocol):
    """How an instance is handed its letters; `steps.deliver_pending`."""

    def __call__(self, work: Work, process_id: str) -> None:
        """Hand them over."""
        ...


def route(
    work: Work,
    instance: "Instance",
    sent: SentMessage,
    *,
    subject: str,
    actor: Actor,
    begin: Begin,
    deliver: Deliver,
) -> None:
    """Take a sent message to every pool that the diagram, or else another published process, names for it.

    `subject` is the party the sender is about by now. A message sent for `each` of a list goes once for every element.
    """
    for one in _one_by_one(instance, sent):
        _route(work, instance, one, subject=subject, actor=actor, begin=begin, deliver=deliver)


def _one_by_one(instance: "Instance", sent: SentMessage) -> Iterable[SentMessage]:
    name = instance.edition.bundle.diagram.nodes[sent.element].properties.get("each")
    if name is None:
        return (sent,)
    listed = sent.payload.get(name) or []
    several = listed if isinstance(listed, list) else [listed]
    return tuple(replace(sent, payload={**sent.payload, name: value}) for value in several)


def _route(
    work: Work,
    instance: "Instance",
    sent: SentMessage,
    *,
    subject: str,
    actor: Actor,
    begin: Begin,
    deliver: Deliver,
) -> None:
    for edition, pool, starts in _targets(work, instance, sent):
        row = instance.row
        agency_id = _agency_for(work, row, pool, sent)
        transfer_id = None
        if agency_id != row.agency_id:
            node = instance.edition.bundle.diagram.nodes[sent.element]
            transfer_id = hand_over(work, instance, sent, node, to_agency=agency_id, actor=actor, subject=subject)
        if starts:
            begin(
                work,
                case_id=row.case_id,
                agency_id=agency_id,
                edition=edition,
                pool=pool,
                actor=Actor(agency_id=agency_id),
                variables=sent.payload,
                message=sent.message,
            )
            continue
        processes.put_in_inbox(
            work.connection,
            case_id=row.case_id,
            agency_id=agency_id,
            pool=pool.process_id,
            message=sent.message,
            payload=dict(sent.payload),
            transfer_id=transfer_id,
            arrived_at=work.now,
        )
        for receiver in processes.all_running(
            work.connection, case_id=row.case_id, pool=pool.process_id, agency_id=agency_id
        ):
            if receiver.id != row.id:
                deliver(work, receiver.id)


def _targets(work: Work, instance: "Instance", sent: SentMessage) -> Iterable[tuple[Edition, Pool, bool]]:
    edition = instance.edition
    diagram = edition.bundle.diagram
    pools = {pool.process_id: pool for pool in diagram.pools}
    by_participant = {pool.participant_id: pool for pool in diagram.pools}
    flows = [flow for flow in diagram.message_flows if flow.source == sent.element]
    for flow in flows:
        node = diagram.nodes.get(flow.target)
        if node is not None:
            yield edition, pools[node.pool], node.position == "start"
        elif flow.target in by_participant:
            yield edition, by_participant[flow.target], False
    if flows:
        return
    for other in work.library.all_current(work.connection):
        if other.bundle.process == edition.bundle.process:
            continue
        wanting = [node for node in other.bundle.diagram.nodes.values() if receives(node, sent.message)]
        for pool in other.bundle.diagram.pools:
            here = [node.position == "start" for node in wanting if node.pool == pool.process_id]
            if any(here):
                yield other, pool, True
            elif here and _waits_here(work, instance.row, pool):
                yield other, pool, False


def receives(node: Node, message: str) -> bool:
    """Whether a node takes this message in."""
    return node.message == message and node.position in ("start", "catch", "boundary")


def _waits_here(work: Work, row: Record, pool: Pool) -> bool:
    """Whether the sender's own agency has an instance of a pool of another process in the case, which may want it."""
    found = processes.running(work.connection, case_id=row.case_id, pool=pool.process_id, agency_id=row.agency_id)
    return found is not None


def _agency_for(work: Work, row: Record, pool: Pool, sent: SentMessage) -> str:
    own = work.agency(row.agency_id)
    wanted = sent.payload.get(f"to_{pool.kind}")
    if isinstance(wanted, str):
        named = agencies.agency_by_key(work.connection, wanted) or agencies.get_agency(work.connection, wanted)
        if named is not None and named.kind in pool.kinds:
            return str(named.id)
    if own.kind in pool.kinds:
        return str(own.id)
    for kind in pool.kinds:
        participant = cases.participant_of_kind(work.connection, row.case_id, kind)
        if participant is not None:
            return str(participant.agency_id)
    for kind in pool.kinds:
        for agency in agencies.agencies_of_kind(work.connection, kind):
            if agency.area_code == own.area_code:
                return str(agency.id)
    kinds = " ".join(pool.kinds)
    raise Stuck(
        f"本地区没有登记“{kinds}”类单位，无法送达",
        f"No agency of kind “{kinds}” is registered for this area; the message cannot be delivered",
        at=sent.element,
    )


def hand_over(
    work: Work,
    instance: "Instance",
    sent: SentMessage,
    node: Node,
    *,
    to_agency: str,
    actor: Actor,
    subject: str,
) -> str:
    """Record the package: what it encloses, and that the receiver has been shown it; give the transfer's id."""
    row, bundle = instance.row, instance.edition.bundle
    codes = node.properties.get("encloses", "").split()
    enclosed = documents.newest_issued(
        work.connection, case_id=row.case_id, agency_id=row.agency_id, codes=codes, subject=subject
    )
    templates = [bundle.documents[document.code] for document in enclosed if document.code in bundle.documents]
    shown = {field.key for template in templates for field in template.fields}
    seen = facts.facts_seen(work.connection, case_id=row.case_id, agency_id=row.agency_id, subject=subject)
    transfer_id = transfers.add_transfer(
        work.connection,
        documents=[document.id for document in enclosed],
        case_id=row.case_id,
        process_id=row.id,
        from_agency=row.agency_id,
        to_agency=to_agency,
        message=sent.message,
        name=bundle.diagram.messages.get(sent.message, sent.message),
        name_en=_english(instance.edition, sent),
        copy=node.properties.get("copy_to") == "true",
        payload=dict(sent.payload),
        attachments=seen.get("attachments", []) if "attachments" in shown else [],
        sent_at=work.now,
        sent_by=actor.officer_id,
    )
    cases.add_participant(
        work.connection,
        case_id=row.case_id,
        agency_id=to_agency,
        kind=work.agency(to_agency).kind,
        at=work.now,
    )
    shared = {"case_id": row.case_id, "agency_id": to_agency, "transfer_id": transfer_id, "at": work.now}
    told = [(subject, shown | set(sent.payload))]
    told += [
        (document.subject, {field.key for field in bundle.documents[document.code].fields})
        for document in enclosed
        if document.subject not in ("", subject) and document.code in bundle.documents
    ]
    references = {
        "document": [document.id for document in enclosed],
        "fact": [
            fact
            for party, keys in told
            for fact in facts.newest_fact_ids(
                work.connection, case_id=row.case_id, agency_id=row.agency_id, keys=keys, subject=party
            )
        ],
    }
    for kind in ("parties", "items"):
        if any(kind in template.uses for template in templates):
            rows = facts.rows_seen(work.connection, kind, case_id=row.case_id, agency_id=row.agency_id)
            references[kind] = [entry["code"] for entry in rows]
    if "items" in references and node.properties.get("copy_to") != "true":
        codes_shown = references["items"]
        references["file"] = files_of_items(work, case_id=row.case_id, agency_id=row.agency_id, codes=codes_shown)
    for kind, wanted in references.items():
        facts.disclose(work.connection, kind=kind, references=wanted, **shared)
    audit.note(
        work.connection,
        action="sent",
        at=work.now,
        case_id=row.case_id,
        process_id=row.id,
        agency_id=row.agency_id,
        officer_id=actor.officer_id,
        element=sent.element,
        detail={"transfer": transfer_id, "to": to_agency, "message": sent.message},
    )
    return transfer_id


def _english(edition: Edition, sent: SentMessage) -> str:
    flows = [flow for flow in edition.bundle.diagram.message_flows if flow.source == sent.element]
    node = edition.bundle.diagram.nodes[sent.element]
    return next((flow.name_en for flow in flows if flow.name_en), node.name_en or sent.message)
