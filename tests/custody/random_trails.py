"""Trails nobody wrote by hand: a case of a few items to which random lawful things happen, exported."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from app.domain.custody import ITEM_KINDS, KINDS, Act, Custodian, Person, Seal
from app.domain.custody_chain import Entry, entry_to_plain, moment_text
from app.domain.custody_file import agencies_named, assemble, top_hash
from app.domain.custody_handover import Handover, Line, Signature, require_reconciled, require_signature
from app.domain.custody_ledger import Ledger, add, custodian_after, ledger_to_plain, opening
from app.domain.custody_manifest import FOLDER, MANIFEST_NAME, TRAIL_NAME, assemble_manifest
from app.domain.custody_movement import movement
from app.domain.custody_quantity import counts_pieces
from app.domain.custody_sheet import handover_to_plain, receipt_hash, sheet_hash, with_heads

AGENCIES = {"adm": "虚构市市场监督管理局", "pol": "虚构市公安局", "proc": "虚构市人民检察院"}
UNITS = ("盒", "件", "g", "元", "文件")


@dataclass(kw_only=True)
class Case:
    """A case on its way."""

    random: Random
    number: str
    at: datetime = datetime(2026, 3, 3, 4, 10, tzinfo=UTC)
    ledgers: dict[str, Ledger] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    handovers: list[dict] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)

    def keep(self, act: Act) -> None:
        self.ledgers[act.item], entry = add(self.ledgers[act.item], act)
        self.entries.append(entry)

    def wait(self) -> datetime:
        self.at += timedelta(seconds=self.random.randrange(0, 90_000))
        return self.at

    def export(self) -> bytes:
        entries = [entry_to_plain(entry) for entry in self.entries]
        return assemble(
            number=self.number,
            name="虚构的案件",
            at=self.wait(),
            agencies={key: AGENCIES[key] for key in agencies_named(entries, self.handovers)},
            ledgers=[ledger_to_plain(ledger) for ledger in self.ledgers.values()],
            entries=entries,
            handovers=self.handovers,
        )


def random_trail(random: Random, *, steps: int = 12) -> bytes:
    """Give the export of a random case."""
    return random_case(random, steps=steps).export()


def random_bundle(random: Random, *, steps: int = 12) -> dict[str, bytes]:
    """Give the export of a random case with files: name → content. Not everything the trail speaks of is there."""
    case = random_case(random, steps=steps)
    trail = case.export()
    spoken = json.loads(trail)["files"]
    kept = {row["sha256"]: case.contents[row["sha256"]] for row in spoken if random.random() < 0.8}
    links: dict[str, list[dict[str, str]]] = {key: [] for key in kept}
    for _ in range(random.randrange(4)):
        photo = b"\xff\xd8\xff\xe0" + random.randbytes(random.randrange(1, 200))
        key = hashlib.sha256(photo).hexdigest()
        kept[key] = photo
        at = moment_text(case.wait())
        item = random.choice(sorted(case.ledgers))
        told = {"item": item, "role": "photo", "shows": "item", "handover": "", "by": "pol", "at": at}
        links.setdefault(key, []).append(told)
    rows = [
        {
            "sha256": key,
            "sm3": "",
            "size": len(content),
            "type": "application/octet-stream",
            "flag": "",
            "names": [f"文件{number}.bin"],
            "links": links[key],
        }
        for number, (key, content) in enumerate(kept.items())
    ]
    manifest = assemble_manifest(
        number=case.number,
        name="虚构的案件",
        trail=top_hash(trail),
        files=rows,
        absent={row["sha256"] for row in spoken} - kept.keys(),
    )
    return {TRAIL_NAME: trail, MANIFEST_NAME: manifest, **{f"{FOLDER}{key}": kept[key] for key in sorted(kept)}}


def random_case(random: Random, *, steps: int) -> Case:
    """Let random lawful things happen to the items of a case."""
    case = Case(random=random, number=f"虚构案〔2026〕{random.randrange(10**6)}号")
    for index in range(random.randint(1, 4)):
        seize(case, f"E-{index + 1:02}")
    for _ in range(random.randrange(steps)):
        drawn = random.random()
        if drawn < 0.3:
            hand_over(case)
        elif drawn < 0.4:
            split(case, random.choice(sorted(case.ledgers)))
        else:
            happen(case, random.choice(sorted(case.ledgers)))
    return case


def put_content(case: Case) -> str:
    """Make up electronic data; give its SHA-256."""
    content = case.random.randbytes(8)
    key = hashlib.sha256(content).hexdigest()
    case.contents[key] = content
    return key


def two(agency: str) -> tuple[Person, Person]:
    return (Person(name="甲某", agency=agency, number="0001"), Person(name="乙某", agency=agency))


def seize(case: Case, code: str) -> None:
    random = case.random
    agency, unit = random.choice(sorted(AGENCIES)), random.choice(UNITS)
    category = "电子数据" if unit == "文件" else random.choice(sorted(ITEM_KINDS))
    case.ledgers[code] = opening(case.number, code)
    case.keep(
        Act(
            item=code,
            action="seized",
            kind=random.choice(sorted(KINDS["seized"])),
            at=case.wait(),
            who=two(agency),
            why="涉嫌销售假药",
            document=f"扣字〔2026〕{random.randrange(100)}号",
            quantity=amount(random, unit, Decimal(900)),
            unit=unit,
            origin=None,
            to=Custodian(agency=agency, keeper=agency, place="库房"),
            seal=Seal(number=f"封{random.randrange(1000)}", state="intact") if random.random() < 0.4 else None,
            file=put_content(case) if unit == "文件" else "",
            name=f"虚构物品{code}",
            category=category,
        )
    )


def amount(random: Random, unit: str, most: Decimal) -> Decimal:
    """A quantity above zero and not above `most`."""
    if counts_pieces(unit):
        return Decimal(random.randint(1, int(most)))
    cents = int(most * 100)
    return Decimal(random.randint(1, cents)) / 100 if cents else most


def happen(case: Case, code: str) -> None:
    """Let one lawful thing happen to an item, if anything of it is left."""
    random, ledger = case.random, case.ledgers[code]
    if ledger.custodian is None:
        return
    action = random.choice(["sealed", "sampled", "stored", "lent", "returned_to_store", "viewed", "copied", "disposed"])
    most = {"sealed": ledger.held, "stored": ledger.held, "viewed": ledger.held, "copied": ledger.held}.get(
        action, ledger.on_loan if action == "returned_to_store" else ledger.available
    )
    if most <= 0:
        return
    kind = "store" if action == "sampled" else random.choice(sorted(KINDS[action])) if action in KINDS else ""
    quantity = amount(random, ledger.unit, most)
    to = custodian_after(ledger, action=action, kind=kind, quantity=quantity)
    if action == "stored" and to:
        to = replace(to, place=f"{random.randrange(9)}号架")
    case.keep(
        Act(
            item=code,
            action=action,
            kind=kind,
            at=case.wait(),
            who=two(ledger.custodian.keeper),
            why="办案需要",
            document=f"文〔2026〕{random.randrange(100)}号",
            quantity=quantity,
            unit=ledger.unit,
            origin=ledger.custodian,
            to=to,
            seal=Seal(number=f"封{random.randrange(1000)}", state="intact") if action == "sealed" else None,
            file=put_content(case) if action == "copied" else "",
            due="2027-01-01" if action == "lent" else "",
            particulars={"method": "焚烧", "witnesses": "丙某、丁某"} if action == "disposed" and quantity > 1 else {},
        )
    )


def split(case: Case, code: str) -> None:
    """Make two items of some of one, if its agency keeps more than a piece of it."""
    random, ledger = case.random, case.ledgers[code]
    custodian = ledger.custodian
    if custodian is None or custodian.agency != custodian.keeper or ledger.available < 2:
        return
    first, second = (amount(random, ledger.unit, ledger.available // 2) for _ in range(2))
    codes = [f"{code}-{ledger.seq}a"[-40:], f"{code}-{ledger.seq}b"[-40:]]
    shared = {"who": two(custodian.agency), "document": "拆1号", "unit": ledger.unit}
    at = case.wait()
    quantity = first + second
    case.keep(
        Act(
            item=code,
            action="corrected",
            kind="less",
            at=at,
            why=f"拆分为 {'、'.join(codes)}",
            quantity=quantity,
            origin=custodian,
            to=custodian_after(ledger, action="corrected", kind="less", quantity=quantity),
            particulars={"into": "、".join(codes)},
            **shared,
        )
    )
    for part, taken in zip(codes, (first, second), strict=True):
        case.ledgers[part] = opening(case.number, part)
        case.keep(
            Act(
                item=part,
                action="seized",
                kind="obtained",
                at=at,
                why=f"拆分自 {code}",
                quantity=taken,
                origin=None,
                to=custodian,
                name=f"虚构物品{part}",
                category=ledger.category,
                particulars={"split_from": code},
                **shared,
            )
        )


def hand_over(case: Case) -> None:
    """Hand over some of what one agency answers for, with a random difference."""
    random = case.random
    giver = random.choice(sorted(AGENCIES))
    there = [
        ledger
        for ledger in case.ledgers.values()
        if ledger.custodian and ledger.custodian.agency == giver and not ledger.on_loan
    ]
    if not there:
        return
    receiver = random.choice(sorted(set(AGENCIES) - {giver}))
    chosen = random.sample(there, random.randint(1, len(there)))
    handover = Handover(
        number=f"接字〔2026〕{len(case.handovers) + 1}号",
        giver=giver,
        receiver=receiver,
        place="管理中心",
        lines=tuple(counted(random, ledger) for ledger in chosen),
        signers=(random.randint(1, 2), random.randint(1, 2)),
    )
    require_reconciled(handover.lines, case.ledgers)
    handover = with_heads(handover, {code: ledger.head for code, ledger in case.ledgers.items()})
    sheet = sheet_hash(handover, case=case.number, names=AGENCIES)
    for side, agency, wanted in zip(("giver", "receiver"), (giver, receiver), handover.signers, strict=True):
        for person in two(agency)[:wanted]:
            signature = Signature(person=person, side=side, at=case.wait(), sheet=sheet)
            require_signature(handover, signature, sheet=sheet)
            handover = replace(handover, signatures=(*handover.signatures, signature))
    receipt = receipt_hash(sheet, handover.signatures)
    for line in handover.lines:
        for act in movement(handover, line, case.ledgers[line.item], receipt=receipt):
            case.keep(act)
    case.handovers.append(handover_to_plain(handover, sheet=sheet, seen=case.ledgers))


def counted(random: Random, ledger: Ledger) -> Line:
    """What the receiver finds: mostly what was listed, now and then less, or goods that stay."""
    line = Line(
        item=ledger.item,
        name=ledger.name,
        unit=ledger.unit,
        listed=ledger.held,
        seal_listed=ledger.seal.number if ledger.seal else "",
        hash_listed=ledger.file,
    )
    drawn = random.random()
    if drawn < 0.2:
        return replace(line, counted=Decimal(0), classes=("not_moved",), proof="清单及照片")
    found = {"seal_ok": True if line.seal_listed else None, "hash_found": line.hash_listed}
    if drawn < 0.5 and ledger.held > 1:
        less = ledger.held - amount(random, ledger.unit, ledger.held - 1)
        known = random.choice(["sample_consumed", "missing", "count_error"])
        return replace(line, counted=less, classes=(known,), proof="说明1号", **found)
    return replace(line, counted=ledger.held, **found)
