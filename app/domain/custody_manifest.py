"""The list of the files that travel with an exported trail: by SHA-256, with what each is of which item.

It carries the hash over all of its trail, so its own hash over all proves both: that is what belongs on the paper.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.domain.custody_chain import canonical, digest, require_fields
from app.domain.errors import Invalid
from app.domain.item_files import ROLES, SHOWS

FORMAT = "xianjie-custody-files/1"
TRAIL_NAME = "trail.json"
MANIFEST_NAME = "manifest.json"
FOLDER = "files/"

TOP: Mapping[str, type] = {
    "format": str,
    "case": dict,
    "trail": str,
    "files": list,
    "absent": list,
    "sha256": str,
}
FILE: Mapping[str, type] = {
    "sha256": str,
    "sm3": str,
    "size": int,
    "type": str,
    "flag": str,
    "names": list,
    "links": list,
}
LINK: Mapping[str, type] = {"item": str, "role": str, "shows": str, "handover": str, "by": str, "at": str}
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


def assemble_manifest(
    *, number: str, name: str, trail: str, files: Iterable[Mapping[str, Any]], absent: Iterable[str]
) -> bytes:
    """Write the manifest: canonical JSON with the SHA-256 over all, every list in its one order.

    `trail` is the hash over all of the trail; `absent` are contents the trail speaks of that are not kept here.
    """
    content = {
        "format": FORMAT,
        "case": {"number": number, "name": name},
        "trail": trail,
        "files": sorted(
            (
                {**row, "names": sorted(set(row["names"])), "links": sorted(row["links"], key=canonical)}
                for row in files
            ),
            key=lambda row: str(row["sha256"]),
        ),
        "absent": sorted(set(absent)),
    }
    return canonical({**content, "sha256": digest(content)})


def manifest_hash(manifest: bytes) -> str:
    """Give the SHA-256 over all that a manifest carries: what belongs on the paper."""
    return str(json.loads(manifest)["sha256"])


def require_manifest(plain: Any) -> dict[str, Any]:
    """Read a manifest strictly: every field, no other, each of its type and in order. Raises Invalid."""
    content = require_fields(plain, TOP, at="manifest")
    if content["format"] != FORMAT:
        raise Invalid("不是本系统导出的文件清单", f"This is no manifest of the format {FORMAT}", at="manifest.format")
    require_fields(content["case"], {"number": str, "name": str}, at="manifest.case")
    keys = []
    for index, plain_row in enumerate(content["files"]):
        at = f"manifest.files[{index}]"
        row = require_fields(plain_row, FILE, at=at)
        keys.append(row["sha256"])
        _require_row(row, at)
    for key in (*keys, *content["absent"]):
        if not isinstance(key, str) or not _SHA256.fullmatch(key):
            raise Invalid("校验值写法不规范", "A hash is not written plainly", at="manifest")
    if len({*keys, *content["absent"]}) != len(keys) + len(content["absent"]):
        raise Invalid("清单中有重复的文件", "A file is listed twice", at="manifest")
    if keys != sorted(keys) or content["absent"] != sorted(content["absent"]):
        raise Invalid("清单次序不对", "The files are out of order", at="manifest")
    return content


def _require_row(row: Mapping[str, Any], at: str) -> None:
    if row["size"] < 0 or not all(isinstance(name, str) for name in row["names"]):
        raise Invalid("文件的大小或者名称写法不规范", "Size or names are not written plainly", at=at)
    for number, plain in enumerate(row["links"]):
        place = f"{at}.links[{number}]"
        link = require_fields(plain, LINK, at=place)
        if link["role"] not in ROLES or (link["shows"] and link["shows"] not in SHOWS):
            raise Invalid("没有这种文件用途", "There is no such role of a file", at=place)
