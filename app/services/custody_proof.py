"""Proof of an exported trail (`xianjie custody verify`): no database, no network, nothing but the file.

Every value is read strictly, every hash recomputed, every trail added up, every signed line compared with the entries
that must follow from it. What this cannot see is a file rewritten as a whole: for that the hash over all is compared
with the one printed on the signed paper (`expected`).
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.domain.custody import require_written, shown
from app.domain.custody_chain import (
    Entry,
    canonical,
    digest,
    entry_from_plain,
    entry_to_plain,
    read_moment,
    recomputed,
    require_fields,
)
from app.domain.custody_file import (
    AGENCY,
    CASE,
    HANDOVER,
    HIDDEN,
    TOP,
    agencies_named,
    files_of,
    format_of,
    item_to_plain,
)
from app.domain.custody_handover import Handover, Line, open_differences, require_signature
from app.domain.custody_ledger import Ledger, advance, ledger_to_plain, opening
from app.domain.custody_movement import movement
from app.domain.custody_particulars import broken_links
from app.domain.custody_sheet import line_from_plain, line_hash, receipt_hash, sheet_hash, signature_from_plain
from app.domain.errors import Invalid
from app.services.custody_proof_files import Spoken, check_files, is_bundle, manifest_of, read_trail


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that is not as it was exported: item and number of the entry (0 when it is about more), a sentence."""

    item: str
    seq: int
    at: str
    zh: str
    en: str

    def __str__(self) -> str:
        place = " ".join(part for part in (self.item, f"#{self.seq}" if self.seq else "", self.at) if part)
        return f"{place}: {self.zh} / {self.en}" if place else f"{self.zh} / {self.en}"


@dataclass(kw_only=True)
class Trail:
    """The entries of one item as far as they hold, and where it stood after each."""

    entries: list[Entry] = field(default_factory=list)
    ledgers: list[Ledger] = field(default_factory=list)
    whole: bool = True


def verify_export(path: Path, *, expected: str = "") -> list[Finding]:
    """Give everything that is wrong with an export: a trail alone, or an archive or folder of it with its files.

    `expected` is the SHA-256 over all of the manifest when there is one, or of the trail.
    """
    if not is_bundle(path):
        return verify(path.read_bytes(), expected=expected)
    found = _Findings()
    with found.gathered():
        return verify(read_trail(path), path, expected=expected, whole=True)
    return found.all


def verify(export: bytes, files: Path | None = None, *, expected: str = "", whole: bool = False) -> list[Finding]:
    """Give everything that is wrong with an exported trail, nothing when it is intact.

    `files` is a folder or an archive: with its manifest every file in it is proven, without one every file the trail
    speaks of must be found in the folder, by content. `expected` is the SHA-256 over all, as the paper shows it: of the
    trail, or of the manifest, which covers the trail. `whole` says that the trail was read from among those files.
    """
    found = _Findings()
    with found.gathered():
        content = require_fields(_parse(export), TOP, at="")
        if canonical(content) != export:
            found.add("文件不是规范写法，已被改写", "The file is not in canonical form: it was rewritten")
        covered = files is not None and manifest_of(files)
        of_files = bool(covered) and expected.strip().lower() == covered
        _check_top(found, content, "" if of_files else expected)
        trails = _check_entries(found, content)
        for row in content["handovers"]:
            require_fields(row, HANDOVER, at="handovers")
        _check_items(found, content, trails)
        _check_lists(found, content, trails)
        _check_handovers(found, content, trails)
        _check_links(found, trails)
        if files is not None:
            spoken = _spoken(export, content, trails)
            for fault in check_files(spoken, files, whole=whole):
                found.add(fault.zh, fault.en, item=fault.item, at=fault.at)
    return found.all


class _Findings:
    def __init__(self) -> None:
        self.all: list[Finding] = []

    def add(self, zh: str, en: str, *, item: str = "", seq: int = 0, at: str = "") -> None:
        self.all.append(Finding(item=item, seq=seq, at=at, zh=zh, en=en))

    @contextmanager
    def gathered(self, *, item: str = "", seq: int = 0, at: str = "") -> Iterator[None]:
        """Turn what is refused inside into a finding; what follows inside is not looked at."""
        try:
            yield
        except Invalid as refused:
            place = ".".join(part for part in (at, refused.at) if part)
            self.add(refused.zh, refused.en, item=item, seq=seq, at=place)


def _parse(export: bytes) -> Any:
    def pairs(given: list[tuple[str, Any]]) -> dict[str, Any]:
        known = dict(given)
        if len(known) != len(given):
            raise Invalid("同一字段出现两次", "A field is given twice")
        return known

    def refuse(text: str) -> Any:
        raise Invalid(f"不应有数字 {shown(text)}", f"There is no such number in a trail: {shown(text)}")

    try:
        parsed = json.loads(export.decode("utf-8"), object_pairs_hook=pairs, parse_float=refuse, parse_constant=refuse)
        canonical(parsed)
    except (ValueError, RecursionError) as broken:
        raise Invalid("文件不是有效的 JSON", f"The file is not valid JSON: {type(broken).__name__}") from None
    return parsed


def _check_top(found: _Findings, content: Mapping[str, Any], expected: str) -> None:
    form = format_of(content["entries"])
    if content["format"] != form:
        raise Invalid("不是本系统导出的保管链", f"This is not an export of the format {form}", at="format")
    case = require_fields(content["case"], CASE, at="case")
    with found.gathered():
        read_moment(content["exported_at"], at="exported_at")
        require_written(case["number"], at="case.number", longest=200)
    top = digest({key: value for key, value in content.items() if key != "sha256"})
    if content["sha256"] != top:
        found.add("总校验值不符，内容已被改动", "The hash over all differs: something was changed", at="sha256")
    if expected and expected.strip().lower() != top:
        found.add("总校验值与书面回执不符", "The hash over all is not the one on the paper", at="sha256")


def _check_entries(found: _Findings, content: Mapping[str, Any]) -> dict[str, Trail]:
    trails: dict[str, Trail] = {}
    places: list[tuple[str, int]] = []
    for index, plain in enumerate(content["entries"]):
        code = plain.get("item") if isinstance(plain, dict) else None
        number = plain.get("seq") if isinstance(plain, dict) else None
        item = code if isinstance(code, str) else ""
        seq = number if isinstance(number, int) else 0
        places.append((item, seq))
        trail = trails.setdefault(item, Trail())
        if not trail.whole:
            continue
        before = trail.ledgers[-1] if trail.ledgers else opening(content["case"]["number"], item)
        trail.whole = False
        with found.gathered(item=shown(item), seq=seq, at="" if item else f"entries[{index}]"):
            entry = entry_from_plain(plain)
            if recomputed(entry) != entry.hash:
                raise Invalid("内容与校验值不符，已被改动", "The content does not have this hash: changed", at="hash")
            trail.ledgers.append(advance(before, entry))
            trail.entries.append(entry)
            trail.whole = True
    if places != sorted(set(places)):
        found.add("记录次序不对或者重复", "Entries are out of order or repeated", at="entries")
    return trails


def _check_items(found: _Findings, content: Mapping[str, Any], trails: Mapping[str, Trail]) -> None:
    codes = [plain.get("code") if isinstance(plain, dict) else None for plain in content["items"]]
    if codes != sorted(trails):
        found.add("物品清单与记录不符", "The list of items does not follow from the entries", at="items")
    for plain in content["items"]:
        code = plain.get("code") if isinstance(plain, dict) else None
        trail = trails.get(code) if isinstance(code, str) else None
        if trail is None or not trail.whole or not trail.ledgers:
            continue
        wanted = item_to_plain(ledger_to_plain(trail.ledgers[-1]))
        for key in sorted({*wanted, *plain}):
            if (key in wanted) != (key in plain) or canonical(wanted[key]) != canonical(plain[key]):
                found.add(
                    "与保管链不符，末尾记录可能被删除",
                    "It is not what the trail adds up to; an entry at its end may be missing",
                    item=trail.ledgers[-1].item,
                    seq=len(trail.entries),
                    at=f"items.{shown(key)}",
                )


def _check_lists(found: _Findings, content: Mapping[str, Any], trails: Mapping[str, Trail]) -> None:
    for index, plain in enumerate(content["agencies"]):
        require_fields(plain, AGENCY, at=f"agencies[{index}]")
    if not all(trail.whole for trail in trails.values()):
        return  # what follows from entries that do not hold says nothing
    named = agencies_named(content["entries"], content["handovers"])
    if [row["key"] for row in content["agencies"]] != sorted(named):
        found.add("单位清单与记录不符", "The list of agencies does not follow from the entries", at="agencies")
    if content["files"] != files_of(content["entries"]):
        found.add("文件清单与记录不符", "The list of files does not follow from the entries", at="files")


def _check_handovers(found: _Findings, content: Mapping[str, Any], trails: Mapping[str, Trail]) -> None:
    names = {row["key"]: row["name"] for row in content["agencies"]}
    spoken: set[tuple[str, int]] = set()
    order: list[tuple[str, str]] = []
    for plain in content["handovers"]:
        number = shown(plain["number"])
        with found.gathered(at=number):
            handover, hashes = _read_handover(plain)
            sheet = sheet_hash(handover, case=content["case"]["number"], names=names, lines=hashes)
            if sheet != plain["sheet"]:
                raise Invalid("交接单内容与校验值不符", "The sheet does not have this hash: changed", at="sheet")
            _require_signatures(handover, sheet)
            order.append((plain["signatures"][-1]["at"], plain["number"]))
            receipt = receipt_hash(sheet, handover.signatures)
            for line in handover.lines:
                trail = trails.get(line.item)
                if trail is None:
                    found.add("交接单上的物品没有记录", "An item on the sheet has no trail", item=line.item, at=number)
                elif trail.whole:
                    with found.gathered(item=line.item, at=number):
                        spoken |= _require_movement(handover, line, trail, receipt)
    if order != sorted(set(order)) or len({number for _, number in order}) != len(order):
        found.add("交接次序不对或者重复", "Hand-overs are out of order or repeated", at="handovers")
    for item, trail in trails.items():
        for entry in trail.entries:
            moved = entry.act.action == "handed_over" or entry.act.receipt
            if moved and (item, entry.seq) not in spoken and trail.whole:
                found.add("没有与之相符的交接单", "No hand-over stands behind this entry", item=item, seq=entry.seq)


def _read_handover(plain: Mapping[str, Any]) -> tuple[Handover, list[str]]:
    lines: list[Line] = []
    hashes: list[str] = []
    for index, row in enumerate(plain["lines"]):
        if isinstance(row, dict) and "hidden" in row:
            hashes.append(require_fields(row, HIDDEN, at=f"lines[{index}]")["hidden"])
        else:
            lines.append(line_from_plain(row, at=f"lines[{index}]"))
            hashes.append(line_hash(lines[-1]))
    signers = plain["signers"]
    if len(signers) != 2 or not all(type(wanted) is int for wanted in signers):  # noqa: PLR2004 - giver and receiver
        raise Invalid("签名人数写法不对", "The number of signers is not written plainly", at="signers")
    signatures = [signature_from_plain(row, at=f"signatures[{index}]") for index, row in enumerate(plain["signatures"])]
    handover = Handover(
        number=plain["number"],
        giver=plain["giver"],
        receiver=plain["receiver"],
        place=plain["place"],
        lines=tuple(lines),
        signers=(signers[0], signers[1]),
        signatures=tuple(signatures),
    )
    return handover, hashes


def _require_signatures(handover: Handover, sheet: str) -> None:
    for index, signature in enumerate(handover.signatures):
        earlier = handover.signatures[:index]
        require_signature(replace(handover, signatures=earlier), signature, sheet=sheet)
        if earlier and signature.at < earlier[-1].at:
            raise Invalid("签名时间早于前一签名", "It was signed before the signature before it", at="signatures")
        if replace(handover, signatures=earlier).complete:
            raise Invalid("签名多于应签人数", "There are more signatures than the sheet asks for", at="signatures")
    if not handover.complete:
        raise Invalid("签名不全", "A signature is missing", at="signatures")


def _require_movement(handover: Handover, line: Line, trail: Trail, receipt: str) -> set[tuple[str, int]]:
    """Refuse a line whose consequences are not in the trail; give the entries that follow from it."""
    heads = [ledger.head for ledger in trail.ledgers]
    if line.head not in heads:
        raise Invalid("签名所附的记录不在保管链中", "What was signed for is not in the trail", at="head")
    index = heads.index(line.head)
    ledger = trail.ledgers[index]
    if (line.unit, line.name) != (ledger.unit, ledger.name):
        raise Invalid("名称或者单位与保管链不符", "Name or unit are not those of the trail", at="unit")
    for difference in open_differences(line, ledger):
        raise Invalid(difference.zh, difference.en, at=difference.field)
    wanted = movement(handover, line, ledger, receipt=receipt)
    following = trail.entries[index + 1 : index + 1 + len(wanted)]
    if [entry.act for entry in following] != wanted:
        raise Invalid("保管链与交接单不符", "The trail does not follow from the sheet", at="counted")
    return {(line.item, entry.seq) for entry in following}


def _spoken(export: bytes, content: Mapping[str, Any], trails: Mapping[str, Trail]) -> Spoken:
    listed = files_of(entry_to_plain(entry) for trail in trails.values() for entry in trail.entries)
    return Spoken(
        trail=export,
        sha256=content["sha256"],
        case=content["case"],
        items={row["sha256"]: row["items"] for row in listed},
        registered={code: trail.ledgers[-1].file for code, trail in trails.items() if trail.ledgers},
        codes=frozenset(trails),
    )


def _check_links(found: _Findings, trails: Mapping[str, Trail]) -> None:
    acts = {item: [entry.act for entry in trail.entries] for item, trail in trails.items() if trail.whole}
    for item, other in broken_links(acts):
        found.add(
            f"与 {shown(other)} 的来源、去向记录不相符",
            f"What it came from or became does not agree with {shown(other)}",
            item=shown(item),
            at="particulars",
        )
