"""Ways to tamper with an exported trail: with the hash over all left alone, or made to fit again by the forger."""

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from app.domain.custody_chain import canonical, digest

Content = dict[str, Any]


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
    a_field_added,
]
