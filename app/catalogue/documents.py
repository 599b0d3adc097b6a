"""Reads a document: YAML front matter that says what it is, then a Jinja body that says what it reads."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from app.catalogue.document_body import body_faults
from app.catalogue.document_head import HeadReader
from app.catalogue.located import read_yaml
from app.catalogue.spot import Spot
from app.domain.errors import BrokenBundle, Fault, InvalidAnswers

CONTEXT = frozenset(
    {
        *("case", "case_name", "charge", "agency", "recipient", "copies_to", "number", "date", "title"),
        *("parties", "suspects", "units", "items", "officers", "issued", "deadlines"),
    }
)
"""What a body may name without declaring it."""

BY_USE: Mapping[str, frozenset[str]] = {name: frozenset({name}) for name in ("handover", "entry", "trail")}
"""What a body may name besides, when the document says that it uses it."""

MAX_DOCUMENT = 200_000
_FENCE = "---"
_NAME = re.compile(r"^[\"']?(\w+)[\"']?\s*:")


@dataclass(frozen=True, kw_only=True)
class DocumentField:
    """A fact the document shows; `required` ones must be there before it is issued."""

    key: str
    label: str
    label_en: str
    type: str
    required: bool
    line: int


@dataclass(frozen=True, kw_only=True)
class DocumentTemplate:
    """A document of a process. `number` is a pattern of domain O16, empty for one that carries no number.

    `copies` are the copies made of it (C 存根, Z 正本, F 副本, H 回执, J 附卷); `date` is the fact that dates it.
    """

    code: str
    file: str
    title: str
    title_en: str
    issuer: str
    recipient: str
    copies_to: tuple[str, ...]
    basis: tuple[str, ...]
    number: str
    series: str
    seal: str
    copies: tuple[str, ...]
    layout: str
    date: str
    fields: tuple[DocumentField, ...]
    uses: tuple[str, ...]
    status: str
    note: str
    body: str
    body_line: int


def read_document(text: str, *, file: str) -> DocumentTemplate:
    """Read a document; raises BrokenBundle with every fault of its head and of its body."""
    code = PurePosixPath(file).stem
    faults: list[Fault] = []
    spot = Spot(file=file, line=1, element=code, faults=faults)
    head, body, body_line = _split(text, spot)
    known: dict[str, Any] = {}
    try:
        if head is not None:
            known = HeadReader(spot, _lines_of(head)).read(read_yaml(head, file=file), code=code)
    except BrokenBundle as broken:
        faults.extend(broken.faults)
    fields = tuple(DocumentField(**field) for field in known.pop("fields", ()))
    if known:
        body_faults(body, spot=spot.at(line=body_line), known=known_names(fields, known["uses"]))
    if faults:
        raise BrokenBundle(sorted(faults, key=lambda fault: fault.line))
    return DocumentTemplate(**known, code=code, file=file, fields=fields, body=body, body_line=body_line)


def known_names(fields: Iterable[DocumentField], uses: Iterable[str]) -> frozenset[str]:
    """Give the names a body may read."""
    used = frozenset[str]().union(*(BY_USE.get(name, frozenset()) for name in uses))
    return CONTEXT | used | {field.key for field in fields}


def collect(template: DocumentTemplate, context: Mapping[str, Any]) -> dict[str, Any]:
    """The declared fields' values; optional ones nobody filled in are None.

    Raises InvalidAnswers naming every mandatory field that is missing.
    """
    missing: dict[str, list[tuple[str, str]]] = {}
    values: dict[str, Any] = {}
    for field in template.fields:
        value = context.get(field.key)
        values[field.key] = None if _is_nothing(value) else value
        if field.required and values[field.key] is None:
            english = field.label_en or field.key
            missing[field.key] = [
                (
                    f"文书《{template.title}》缺少“{field.label}”",
                    f"The document “{template.title_en or template.code}” lacks “{english}”",
                )
            ]
    if missing:
        raise InvalidAnswers(missing)
    return values


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


def _split(text: str, spot: Spot) -> tuple[str | None, str, int]:
    """The head, which keeps its line numbers, the body, and the line the body begins on."""
    if len(text) > MAX_DOCUMENT:
        spot.fault("too-large", f"文书超过 {MAX_DOCUMENT} 个字符", f"Longer than {MAX_DOCUMENT} characters")
        return None, "", 1
    lines = text.removeprefix("\ufeff").splitlines()
    fences = [index for index, line in enumerate(lines) if line.rstrip() == _FENCE][:2]
    if not fences or fences[0] != 0 or len(fences) == 1:
        spot.fault(
            "no-front-matter",
            "文书应以两行 --- 之间的 YAML 开头",
            "A document begins with YAML between two lines of ---",
        )
        return None, "", 1
    end = fences[1]
    return "\n".join(["", *lines[1:end]]), "\n".join(lines[end + 1 :]), end + 2


def _lines_of(head: str) -> dict[str, int]:
    """The line each name of the head stands on."""
    matches = ((line, _NAME.match(text)) for line, text in enumerate(head.splitlines(), start=1))
    return {match.group(1): line for line, match in matches if match}
