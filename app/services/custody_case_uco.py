"""The custody of a case as JSON-LD in the terms of CASE 1.5 and UCO 1.5, for tools that know nothing of this system.

Made from the exported trail and nothing else, and without a moment of its own: the same trail gives the same bytes.
Each entry is an `InvestigativeAction` informed by the one before, and turns one `ProvenanceRecord` of the exhibit into
the next; a hand-over is an action whose sub-actions are the entries it caused. What CASE has no term for (quantities,
seals, the hashes of the chain) stands in facets of an own vocabulary, so that nothing of an entry is lost.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from app.domain.custody import ACTIONS, ITEM_KINDS
from app.domain.custody_chain import canonical, digest, entry_from_plain, origin_hash
from app.domain.custody_ledger import PARTS, Ledger, advance, opening
from app.domain.custody_quantity import written

NAMESPACE = UUID("7d0c3b5e-52f5-4e0a-9a58-2f5d0a3c8b61")
"""The IRI of a node is `urn:uuid:` and the version 5 UUID, in this namespace, of the canonical JSON of its kind and of
what makes it this one: an entry's own hash, an agency's key, a person's agency, name and number, and so on."""

VOCABULARY = "urn:uuid:1b6a4f0c-9c3d-4d5c-8a44-6f0e7c2f9d37#"
"""The prefix of the terms CASE has no word for."""

CONTEXT: Mapping[str, str] = {
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-location": "https://ontology.unifiedcyberontology.org/uco/location/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xianjie": VOCABULARY,
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
MEDIA_TYPE = "application/ld+json"

DECISIONS = frozenset(("seized", "lent", "disposed"))
"""Acts whose document permits them; the documents of the others record what was done."""

_ORIGINS: Mapping[str, str] = {"split_from": "Split_From", "proceeds_of": "Proceeds_Of"}
"""How an item that was made from another one is related to it, by what its first entry tells."""

_DIGITAL = frozenset(("电子数据", "视听资料"))

Node = dict[str, Any]


def case_uco(export: Mapping[str, Any]) -> bytes:
    """Write the JSON-LD of an exported trail (`custody_file.assemble`) as canonical JSON."""
    graph = _Graph(export)
    for item in export["items"]:
        graph.add_item(item)
    for handover in export["handovers"]:
        graph.add_handover(handover)
    return canonical({"@context": dict(CONTEXT), "@graph": graph.nodes()})


class _Graph:
    """The nodes of a case, each once, in the order in which they were first spoken of."""

    def __init__(self, export: Mapping[str, Any]) -> None:
        self._case: Mapping[str, str] = export["case"]
        self._agencies = {row["key"]: row["name"] for row in export["agencies"]}
        self._entries: dict[str, list[Mapping[str, Any]]] = {}
        for entry in export["entries"]:
            self._entries.setdefault(entry["item"], []).append(entry)
        self._known = {iri("item", origin_hash(self._case["number"], row["code"])) for row in export["items"]}
        self._nodes: dict[str, Node] = {}
        self._caused: dict[str, list[tuple[str, str]]] = {}
        self._authorizations: dict[str, str] = {}
        self._contents: list[str] = []

    def nodes(self) -> list[Node]:
        """Give every node, the investigation first."""
        number = self._case["number"]
        investigation = {
            "@id": iri("investigation", number),
            "@type": "case-investigation:Investigation",
            "uco-core:name": self._case["name"] or number,
            "case-investigation:investigationForm": "case",
            "uco-core:externalReference": [self._reference("案号 case number", number)],
        }
        if self._authorizations:
            investigation["case-investigation:relevantAuthorization"] = _links(self._authorizations.values())
        if self._contents:
            investigation["uco-core:object"] = _links(self._contents)
        return [investigation, *self._nodes.values()]

    def add_item(self, item: Mapping[str, Any]) -> None:
        """Add an item with its whole trail."""
        code = item["code"]
        origin = origin_hash(self._case["number"], code)
        entries = self._entries.get(code, [])
        category = item["category"]
        digital = category in _DIGITAL or any(entry["file"] for entry in entries)
        custodian = item["custodian"]
        node = self._put(
            iri("item", origin),
            "uco-observable:ObservableObject" if digital else "uco-core:Item",
            {
                "uco-core:name": item["name"],
                "uco-core:description": f"{category} / {ITEM_KINDS[category]}",
                "uco-core:externalReference": [self._reference("物品编号 exhibit number", code)],
                "uco-core:hasFacet": [
                    self._facet(
                        "Item",
                        (origin, entries[-1]["hash"] if entries else ""),
                        {
                            "code": code,
                            "category": category,
                            "unit": item["unit"],
                            **_sums({part: item[part] for part in PARTS}),
                            **(self._custodian(custodian) if custodian else {}),
                        },
                    )
                ],
            },
        )
        self._contents.append(node)
        ledger, before = opening(self._case["number"], code), _Before()
        for entry in entries:
            ledger = advance(ledger, entry_from_plain(entry))
            before = self._add_entry(entry, node, ledger, before)

    def add_handover(self, handover: Mapping[str, Any]) -> None:
        """Add a signed hand-over; the entries it caused are known by its receipt."""
        signatures = handover["signatures"]
        receipt = digest({"sheet": handover["sheet"], "signatures": signatures})
        caused = self._caused.get(receipt, [])
        lines = [line for line in handover["lines"] if "item" in line]
        told = {
            **{key: handover[key] for key in ("number", "sheet")},
            "receipt": receipt,
            "line": _links(self._line(receipt, line) for line in lines),
        }
        node = self._put(
            iri("handover", receipt),
            "case-investigation:InvestigativeAction",
            {
                "uco-core:name": f"物品交接 {handover['number']} / Hand-over",
                "uco-action:startTime": _moment(signatures[0]["at"]),
                "uco-action:endTime": _moment(signatures[-1]["at"]),
                "uco-action:performer": _link(self._agency(handover["giver"])),
                "uco-action:participant": _links(
                    [self._agency(handover["receiver"]), *(self._person(one["person"]) for one in signatures)]
                ),
                "uco-action:location": _links([self._place(handover["receiver"], handover["place"])]),
                "uco-action:object": _links(
                    iri("item", origin_hash(self._case["number"], line["item"])) for line in lines
                ),
                "uco-core:externalReference": [self._reference("交接单 hand-over list", handover["number"])],
                "uco-core:hasFacet": [self._facet("Handover", (receipt,), told)],
            },
        )
        if caused:
            self._nodes[node]["uco-action:subaction"] = _links(action for action, _ in caused)
            self._nodes[node]["uco-action:result"] = _links(record for _, record in caused)
        self._contents.append(node)

    def _add_entry(self, entry: Mapping[str, Any], item: str, ledger: Ledger, before: "_Before") -> "_Before":
        zh, en = ACTIONS[entry["action"]]
        action, record = iri("entry", entry["hash"]), iri("record", entry["hash"])
        found = self._content(entry, item)
        kept = found if entry["action"] in ("seized", "sealed") and found else before.content
        persons = [self._person(person) for person in entry["who"]]
        side = entry["to"] or entry["from"]
        node: Node = {
            "uco-core:name": f"{entry['item']} #{entry['seq']} {zh} / {en}",
            "uco-core:description": entry["why"],
            "uco-action:startTime": _moment(entry["at"]),
            "uco-action:performer": _link(persons[0]),
            "uco-action:object": _links([item, *([before.record] if before.record else [])]),
            "uco-action:result": _links([record, *([found] if found else [])]),
            "uco-action:location": _links([self._place(side["keeper"], side["place"])]),
            "uco-core:hasFacet": [self._facet("Entry", (entry["hash"],), self._told(entry))],
        }
        if persons[1:]:
            node["uco-action:participant"] = _links(persons[1:])
        if before.action:
            node["case-investigation:wasInformedBy"] = _links([before.action])
        if entry["document"]:
            node["uco-core:externalReference"] = [self._reference("文书 document", entry["document"])]
            if entry["action"] in DECISIONS:
                self._authorize(entry["document"], f"{zh} / {en}")
        for key, kind in _ORIGINS.items():
            if key in entry.get("particulars", {}):
                origin = origin_hash(self._case["number"], entry["particulars"][key])
                if iri("item", origin) in self._known:
                    self._relate(item, iri("item", origin), kind)
        self._put(action, "case-investigation:InvestigativeAction", node)
        custodian = entry["to"]
        state = {
            **_sums({part: written(getattr(ledger, part)) for part in PARTS}),
            "unit": entry["unit"],
            **(self._custodian(custodian) if custodian else {}),
        }
        self._put(
            record,
            "case-investigation:ProvenanceRecord",
            {
                "uco-core:name": f"{entry['item']} #{entry['seq']}",
                "case-investigation:exhibitNumber": entry["item"],
                "uco-core:objectCreatedTime": _moment(entry["at"]),
                "uco-core:object": _links([item, *([kept] if kept else [])]),
                "uco-core:hasFacet": [self._facet("State", (entry["hash"],), state)],
            },
        )
        if entry["receipt"]:
            self._caused.setdefault(entry["receipt"], []).append((action, record))
        self._contents += [action, record]
        return _Before(action=action, record=record, content=kept)

    def _told(self, entry: Mapping[str, Any]) -> Node:
        seal = entry["seal"] or {}
        source = entry["from"]
        told = {
            **{
                key: entry[key] for key in ("item", "action", "kind", "unit", "document", "receipt", "previous", "hash")
            },
            "seq": entry["seq"],
            "quantity": _decimal(entry["quantity"]),
            "sealNumber": seal.get("number", ""),
            "sealState": seal.get("state", ""),
            "due": {"@type": "xsd:date", "@value": entry["due"]} if entry["due"] else "",
            **entry.get("particulars", {}),
            **(
                {f"from{key[0].upper()}{key[1:]}": value for key, value in self._custodian(source).items()}
                if source
                else {}
            ),
        }
        return {key: value for key, value in told.items() if value != ""}

    def _content(self, entry: Mapping[str, Any], item: str) -> str:
        """Add the electronic data an entry speaks of: of the item itself, or a copy made of it."""
        if not entry["file"]:
            return ""
        name = self._nodes[item]["uco-core:name"]
        if entry["action"] == "copied":
            return self._file(entry["file"], item, ("copy", entry["hash"]), f"{name} 复制件 / copy", "Copied_From")
        key = ("content", item, entry["file"])
        return self._file(entry["file"], item, key, f"{name} 内容 / content", "Contained_Within")

    def _file(self, sha256: str, item: str, key: tuple[str, ...], name: str, relation: str) -> str:
        hashed = {
            "uco-types:hashMethod": "SHA256",
            "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": sha256},
        }
        data = {"uco-observable:hash": _links([self._put(iri("hash", sha256), "uco-types:Hash", hashed)])}
        facets = [
            self._put(iri("file", *key), "uco-observable:FileFacet", {"uco-observable:isDirectory": False}),
            self._put(iri("data", *key), "uco-observable:ContentDataFacet", data),
        ]
        told = {"uco-core:name": name, "uco-core:hasFacet": _links(facets)}
        file = self._put(iri(*key), "uco-observable:File", told)
        self._relate(file, item, relation)
        return file

    def _line(self, receipt: str, line: Mapping[str, Any]) -> str:
        numbers = {key: _decimal(line[key]) for key in ("listed", "counted") if line[key] is not None}
        texts = {
            "item": line["item"],
            "unit": line["unit"],
            "difference": list(line["classes"]),
            "proof": line["proof"],
            "remark": line["remark"],
            "sealListed": line["seal_listed"],
            "hashListed": line["hash_listed"],
            "hashFound": line["hash_found"],
            "head": line["head"],
        }
        told = {**{key: value for key, value in texts.items() if value}, **numbers}
        if line["seal_ok"] is not None:
            told["sealIntact"] = line["seal_ok"]
        return str(self._facet("Line", (receipt, line["item"]), told)["@id"])

    def _agency(self, key: str) -> str:
        told = {"uco-core:name": self._agencies.get(key, key), "xianjie:key": key}
        return self._put(iri("agency", key), "uco-identity:Organization", told)

    def _person(self, person: Mapping[str, str]) -> str:
        name, agency, number = person["name"], person["agency"], person["number"]
        told: Node = {"uco-core:name": name}
        if number:
            told["uco-core:externalReference"] = [self._reference("执法证件 certificate", number)]
        node = self._put(iri("person", agency, name, number), "uco-identity:Person", told)
        self._relate(node, self._agency(agency), "Member_Of")
        return node

    def _place(self, keeper: str, place: str) -> str:
        told = {"uco-core:name": place, "xianjie:keeper": _link(self._agency(keeper))}
        return self._put(iri("place", keeper, place), "uco-location:Location", told)

    def _authorize(self, number: str, kind: str) -> None:
        if number not in self._authorizations:
            self._authorizations[number] = self._put(
                iri("authorization", self._case["number"], number),
                "case-investigation:Authorization",
                {
                    "case-investigation:authorizationIdentifier": number,
                    "case-investigation:authorizationType": kind,
                },
            )

    def _relate(self, source: str, target: str, kind: str) -> None:
        self._put(
            iri("relationship", source, target, kind),
            "uco-core:Relationship",
            {
                "uco-core:source": _link(source),
                "uco-core:target": _link(target),
                "uco-core:kindOfRelationship": kind,
                "uco-core:isDirectional": True,
            },
        )

    def _reference(self, context: str, identifier: str) -> Node:
        told = {"uco-core:definingContext": context, "uco-core:externalIdentifier": identifier}
        return _link(self._put(iri("reference", context, identifier), "uco-core:ExternalReference", told))

    def _facet(self, kind: str, key: Sequence[str], told: Mapping[str, Any]) -> Node:
        named = {f"xianjie:{name}": value for name, value in told.items()}
        return _link(self._put(iri("facet", kind, *key), [f"xianjie:{kind}Facet", "uco-core:Facet"], named))

    def _custodian(self, side: Mapping[str, str]) -> Node:
        keeper = side["keeper"]
        return {
            "agency": _link(self._agency(side["agency"])),
            "keeper": _link(self._agency(keeper)),
            "place": _link(self._place(keeper, side["place"])),
        }

    def _put(self, key: str, kind: str | list[str], told: Mapping[str, Any]) -> str:
        self._nodes.setdefault(key, {"@id": key, "@type": kind, **told})
        return key


@dataclass(frozen=True, kw_only=True)
class _Before:
    """What an entry follows: the action and record before it, and the electronic data the item holds."""

    action: str = ""
    record: str = ""
    content: str = ""


def iri(kind: str, *parts: str) -> str:
    """Give the IRI of a node: the same for the same thing, in every export."""
    return f"urn:uuid:{uuid5(NAMESPACE, canonical([kind, *parts]).decode())}"


def _link(key: str) -> Node:
    return {"@id": key}


def _links(keys: Iterable[str]) -> list[Node]:
    return [_link(key) for key in dict.fromkeys(keys)]


def _sums(parts: Mapping[str, str]) -> Node:
    return {"onLoan" if part == "on_loan" else part: _decimal(value) for part, value in parts.items()}


def _moment(text: str) -> Node:
    return {"@type": "xsd:dateTime", "@value": text}


def _decimal(text: str) -> Node:
    return {"@type": "xsd:decimal", "@value": text}
