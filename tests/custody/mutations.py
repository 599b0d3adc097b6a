"""Ways to tamper with an exported trail and its files: the hashes left alone, or made to fit again by the forger."""

import copy
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from app.domain.custody_chain import canonical, digest
from app.domain.custody_manifest import FOLDER, MANIFEST_NAME, TRAIL_NAME
from app.storage.archive import Archive, in_memory

Content = dict[str, Any]
Bundle = dict[str, bytes]


def mutate(random: Random, export: bytes) -> tuple[str, bytes]:
    """Give the name of what was done, and the tampered file; it always differs from the export."""
    while True:
        if random.random() < 0.2:
            return "a bit flipped", bit_flipped(random, export)
        content = json.loads(export)
        changed = copy.deepcopy(content)
        way = random.choice(WAYS)
        way(random, changed)
        if changed == content:
            continue  # a trail without hand-over has no line to change
        name = way.__name__.replace("_", " ")
        if random.random() < 0.5:
            return f"{name}, sealed again", canonical(sealed(changed))
        return name, canonical(changed)


def bit_flipped(random: Random, export: bytes) -> bytes:
    place = random.randrange(len(export))
    return export[:place] + bytes([export[place] ^ (1 << random.randrange(8))]) + export[place + 1 :]


def sealed(content: Content) -> Content:
    bare = {key: value for key, value in content.items() if key != "sha256"}
    return {**bare, "sha256": digest(bare)}


def leaves(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every text of a structure with its container and key."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        if isinstance(inner, dict | list):
            yield from leaves(inner)
        elif isinstance(inner, str):
            yield value, key


def a_text_changed(random: Random, content: Content) -> None:
    part = content[random.choice(["entries", "items", "handovers", "files"])]
    found = list(leaves(part))
    if found:
        holder, key = random.choice(found)
        text = holder[key]
        place = random.randrange(len(text) + 1)
        holder[key] = text[:place] + random.choice("0189af号 ") + text[place + random.randrange(2) :]


def an_entry_dropped(random: Random, content: Content) -> None:
    content["entries"].pop(random.randrange(len(content["entries"])))


def entries_swapped(random: Random, content: Content) -> None:
    rows = content["entries"]
    one, other = random.randrange(len(rows)), random.randrange(len(rows))
    rows[one], rows[other] = rows[other], rows[one]


def an_entry_repeated(random: Random, content: Content) -> None:
    rows = content["entries"]
    rows.insert(random.randrange(len(rows) + 1), copy.deepcopy(random.choice(rows)))


def a_quantity_changed(random: Random, content: Content) -> None:
    random.choice(content["entries"])["quantity"] = str(random.randrange(1, 1000))


def a_quantity_changed_with_its_hash(random: Random, content: Content) -> None:
    row = random.choice(content["entries"])
    row["quantity"] = str(random.randrange(1, 1000))
    row["hash"] = digest({key: value for key, value in row.items() if key != "hash"})


def an_hour_changed_with_its_hash(random: Random, content: Content) -> None:
    row = random.choice(content["entries"])
    row["at"] = row["at"].replace("2026", "2025")
    row["hash"] = digest({key: value for key, value in row.items() if key != "hash"})


def a_line_changed(random: Random, content: Content) -> None:
    lines = [line for handover in content["handovers"] for line in handover["lines"]]
    if lines:
        line = random.choice(lines)
        key, value = random.choice(
            [
                ("counted", "1"),
                ("listed", "999"),
                ("classes", ["missing"]),
                ("proof", "另一份说明"),
                ("seal_ok", False),
                ("remark", "无"),
                ("hash_found", "0" * 64),
                ("head", "0" * 64),
            ]
        )
        line[key] = value


def a_line_dropped(random: Random, content: Content) -> None:
    if content["handovers"]:
        lines = random.choice(content["handovers"])["lines"]
        lines.pop(random.randrange(len(lines)))


def a_line_hidden(random: Random, content: Content) -> None:
    if content["handovers"]:
        lines = random.choice(content["handovers"])["lines"]
        place = random.randrange(len(lines))
        lines[place] = {"hidden": digest(lines[place])}


def a_signature_changed(random: Random, content: Content) -> None:
    if content["handovers"]:
        signatures = random.choice(content["handovers"])["signatures"]
        place = random.randrange(len(signatures))
        signature = signatures[place]
        match random.randrange(6):
            case 0:
                signatures.pop(place)
            case 1:
                signatures.append(copy.deepcopy(signature))
            case 2:
                signature["person"]["name"] = "丙某"
            case 3:
                signature["at"] = signature["at"].replace(":", ":0", 1)
            case 4:
                signature["side"] = "giver" if signature["side"] == "receiver" else "receiver"
            case _:
                signature["at"] = signature["at"].replace("2026", "2025")


def a_handover_dropped(random: Random, content: Content) -> None:
    if content["handovers"]:
        content["handovers"].pop(random.randrange(len(content["handovers"])))


def a_handover_repeated(random: Random, content: Content) -> None:
    if content["handovers"]:
        content["handovers"].append(copy.deepcopy(random.choice(content["handovers"])))


def a_receipt_changed_with_its_hash(random: Random, content: Content) -> None:
    rows = [row for row in content["entries"] if row["receipt"]]
    if rows:
        row = random.choice(rows)
        row["receipt"] = random.choice(["", "0" * 64, row["receipt"][::-1]])
        row["hash"] = digest({key: value for key, value in row.items() if key != "hash"})


def receipts_swapped(random: Random, content: Content) -> None:
    if len(content["handovers"]) > 1:
        one, other = random.sample(content["handovers"], 2)
        part = random.choice(["signatures", "sheet", "number"])
        one[part], other[part] = other[part], one[part]


def a_receipt_signed_under_another_sheet(random: Random, content: Content) -> None:
    if content["handovers"]:
        handover = random.choice(content["handovers"])
        sheet = handover["sheet"][::-1]
        for holder in random.choice([[handover], handover["signatures"], [handover, *handover["signatures"]]]):
            holder["sheet"] = sheet


def a_field_added(random: Random, content: Content) -> None:
    parts = [content, content["case"], *content["entries"], *content["items"], *content["handovers"]]
    random.choice(parts)["note"] = "x"


WAYS: list[Callable[[Random, Content], None]] = [
    a_text_changed,
    an_entry_dropped,
    entries_swapped,
    an_entry_repeated,
    a_quantity_changed,
    a_quantity_changed_with_its_hash,
    an_hour_changed_with_its_hash,
    a_line_changed,
    a_line_dropped,
    a_line_hidden,
    a_signature_changed,
    a_handover_dropped,
    a_handover_repeated,
    a_receipt_changed_with_its_hash,
    receipts_swapped,
    a_receipt_signed_under_another_sheet,
    a_field_added,
]


# Exports with files: name → content


def mutate_bundle(random: Random, bundle: Bundle) -> tuple[str, Bundle]:
    """Give the name of what was done, and the tampered export; it always differs."""
    while True:
        changed = dict(bundle)
        way = random.choice(BUNDLE_WAYS)
        way(random, changed)
        if changed != bundle:
            return way.__name__.replace("_", " "), changed


def contents(bundle: Bundle) -> list[str]:
    return [name for name in bundle if name.startswith(FOLDER)]


def the_trail_tampered_with(random: Random, bundle: Bundle) -> None:
    bundle[TRAIL_NAME] = mutate(random, bundle[TRAIL_NAME])[1]


def a_bit_of_a_file_flipped(random: Random, bundle: Bundle) -> None:
    name = random.choice(list(bundle))
    bundle[name] = bit_flipped(random, bundle[name])


def a_file_cut_or_longer(random: Random, bundle: Bundle) -> None:
    name = random.choice(list(bundle))
    bundle[name] = random.choice([b"", bundle[name][:-1], bundle[name] + b"\0"])


def a_file_dropped(random: Random, bundle: Bundle) -> None:
    del bundle[random.choice(list(bundle))]


def a_file_added(random: Random, bundle: Bundle) -> None:
    bundle[random.choice(["more.txt", f"{FOLDER}more.txt", FOLDER + "0" * 64, "a/b/c"])] = random.randbytes(5)


def a_file_renamed(random: Random, bundle: Bundle) -> None:
    name = random.choice(list(bundle))
    bundle[random.choice([f"{name}.bak", name.upper(), f"x/{name}", FOLDER + "f" * 64])] = bundle.pop(name)


def files_swapped(random: Random, bundle: Bundle) -> None:
    known = contents(bundle)
    if len(known) > 1:
        one, other = random.sample(known, 2)
        bundle[one], bundle[other] = bundle[other], bundle[one]


def the_manifest_changed(random: Random, bundle: Bundle) -> None:
    content = json.loads(bundle[MANIFEST_NAME])
    found = list(leaves(content))
    holder, key = random.choice(found)
    text = holder[key]
    place = random.randrange(len(text) + 1)
    holder[key] = text[:place] + random.choice("0189af号 ") + text[place + random.randrange(2) :]
    bundle[MANIFEST_NAME] = canonical(content)


def the_manifest_changed_and_sealed_again(random: Random, bundle: Bundle) -> None:
    the_manifest_changed(random, bundle)
    bundle[MANIFEST_NAME] = canonical(sealed(json.loads(bundle[MANIFEST_NAME])))


def a_file_dropped_from_the_manifest_as_well(random: Random, bundle: Bundle) -> None:
    if contents(bundle):
        name = random.choice(contents(bundle))
        content = json.loads(bundle[MANIFEST_NAME])
        content["files"] = [row for row in content["files"] if f"{FOLDER}{row['sha256']}" != name]
        del bundle[name]
        bundle[MANIFEST_NAME] = canonical(sealed(content))


def a_file_put_in_the_place_of_another_in_the_manifest_as_well(random: Random, bundle: Bundle) -> None:
    if contents(bundle):
        name = random.choice(contents(bundle))
        content = json.loads(bundle[MANIFEST_NAME])
        forged = random.randbytes(20)
        key = hashlib.sha256(forged).hexdigest()
        for row in content["files"]:
            if f"{FOLDER}{row['sha256']}" == name:
                row["sha256"], row["size"] = key, len(forged)
        content["files"].sort(key=lambda row: row["sha256"])
        del bundle[name]
        bundle[f"{FOLDER}{key}"] = forged
        bundle[MANIFEST_NAME] = canonical(sealed(content))


FORGED = {
    the_manifest_changed_and_sealed_again,
    a_file_dropped_from_the_manifest_as_well,
    a_file_put_in_the_place_of_another_in_the_manifest_as_well,
}
"""What makes everything fit again: the hash on the paper alone shows it."""

BUNDLE_WAYS: list[Callable[[Random, Bundle], None]] = [
    the_trail_tampered_with,
    a_bit_of_a_file_flipped,
    a_file_cut_or_longer,
    a_file_dropped,
    a_file_added,
    a_file_renamed,
    files_swapped,
    the_manifest_changed,
    *sorted(FORGED, key=lambda way: way.__name__),
]


def write_bundle(bundle: Bundle, place: Path) -> Path:
    """Write an export as an archive when the name ends so, else as a folder; give the place."""
    if place.suffix == ".zip":
        Archive(members=tuple(in_memory(name, content) for name, content in bundle.items())).write(place)
        return place
    for name, content in bundle.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    return place
