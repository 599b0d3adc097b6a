"""The files of a bundle as one run of bytes: JSON in zstd, the same bytes for the same files."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import zstandard

from app.domain.errors import Invalid

FORMAT = 1
LEVEL = 10
MAX_UNPACKED = 100_000_000


def hash_files(files: Mapping[str, bytes]) -> str:
    """SHA-256 (hex) over the sorted paths and the SHA-256 of each content."""
    whole = hashlib.sha256()
    for path in sorted(files):
        whole.update(f"{path}\0{hashlib.sha256(files[path]).hexdigest()}\n".encode())
    return whole.hexdigest()


def pack_files(process: str, files: Mapping[str, bytes]) -> bytes:
    """Pack; `unpack_files` gives them back."""
    content = {path: base64.b64encode(files[path]).decode("ascii") for path in sorted(files)}
    packed = json.dumps({"format": FORMAT, "process": process, "files": content}, ensure_ascii=False).encode()
    return zstandard.ZstdCompressor(level=LEVEL).compress(packed)


def unpack_files(content: bytes) -> tuple[str, dict[str, bytes]]:
    """The process and its files; raises Invalid when the bytes are not a packed bundle."""
    try:
        packed = zstandard.ZstdDecompressor().decompress(content, max_output_size=MAX_UNPACKED)
        read: Any = json.loads(packed)
        if read["format"] != FORMAT:
            raise Invalid(
                f"流程包的格式 {read['format']} 无法识别", f"The bundle has format {read['format']}, not {FORMAT}"
            )
        return str(read["process"]), {
            str(path): base64.b64decode(text, validate=True) for path, text in read["files"].items()
        }
    except (zstandard.ZstdError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid("流程包已损坏", "The bundle is damaged") from error
