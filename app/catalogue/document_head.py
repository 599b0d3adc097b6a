"""Reads the front matter of a document: who issues it to whom, how it is numbered, sealed and copied, what it shows."""

from collections.abc import Mapping
from typing import Any

from app.catalogue.located import line_of
from app.catalogue.names import SNAKE_CASE, fault_of_name
from app.catalogue.spot import Spot
from app.domain.numbering import faults_of_pattern

SEALS = ("O", "U", "S", "O+S", "both", "none")
COPIES = ("C", "Z", "F", "H", "J")
LAYOUTS = ("letter", "notice", "approval", "list", "record", "entry")
TYPES = ("text", "date", "datetime", "money", "number", "list", "bool")
USES = ("parties", "items", "handover", "entry", "trail")
KINDS = ("adm", "pol", "proc", "crt", "det", "exec", "hot", "c110", "coord", "sup")
ANY = "any"
"""The issuer of a document whose process may be that of any kind of agency."""

MAX_FIELDS = 300
_TEXTS = ("title", "title_en", "issuer", "recipient", "number", "series", "date", "status", "note", "seal", "layout")
_LISTS = ("copies_to", "basis", "copies", "uses")
_REQUIRED = ("title", "layout", "issuer")
_CHOICES: Mapping[str, tuple[str, ...]] = {"seal": SEALS, "layout": LAYOUTS, "issuer": (*KINDS, ANY)}
_LIST_CHOICES: Mapping[str, tuple[str, ...]] = {"copies": COPIES, "uses": USES}
_FIELD_KEYS = ("key", "label", "label_en", "type", "required")


class HeadReader:
    """Reads one head; everything wrong is noted at the spot and left out."""

    def __init__(self, spot: Spot, lines: Mapping[str, int]) -> None:
        self._spot = spot
        self._lines = lines

    def _at(self, name: str) -> Spot:
        return self._spot.at(line=self._lines.get(name), element=name[:60])

    def read(self, raw: Any, *, code: str) -> dict[str, Any]:
        """What the front matter says, with the defaults of what it leaves out."""
        if not isinstance(raw, Mapping):
            self._spot.fault("no-front-matter", "文书开头应是一组字段", "The front matter is a mapping of names")
            return {}
        for name in raw:
            if name not in (*_TEXTS, *_LISTS, "fields"):
                self._at(str(name)).fault(
                    "unknown-key", f"文书没有“{str(name)[:60]}”这一项", f"A document has no “{str(name)[:60]}”"
                )
        found: dict[str, Any] = {name: self._text(raw, name) for name in _TEXTS}
        found |= {name: self._list(raw, name) for name in _LISTS}
        for name in _REQUIRED:
            if not raw.get(name):
                self._at(name).fault(f"no-{name}", f"缺少 {name}", f"“{name}” is missing")
        found["seal"] = found["seal"] or "none"
        found["series"] = found["series"] or code
        self._check(found)
        found["fields"] = self._fields(raw.get("fields"))
        return found

    def _check(self, found: Mapping[str, Any]) -> None:
        """Note words that are none of the known ones, and names that cannot be."""
        for name, choices in _CHOICES.items():
            if found[name]:
                self._choice(found[name], choices, name)
        if found["number"]:
            for fault in faults_of_pattern(found["number"]):
                self._at("number").fault("bad-number", fault.zh, fault.en)
        if found["date"] and not SNAKE_CASE.fullmatch(found["date"]):
            self._at("date").fault("bad-name", "date 应是一个事实的名称", "“date” is the name of a fact, in snake_case")

    def _text(self, raw: Mapping[str, Any], name: str) -> str:
        value = raw.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._at(name).fault("bad-text", f"{name} 应是文字", f"“{name}” is a text")
            return ""
        return value.strip()

    def _list(self, raw: Mapping[str, Any], name: str) -> tuple[str, ...]:
        value = raw.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(entry, str) and entry.strip() for entry in value):
            self._at(name).fault("bad-list", f"{name} 应是一列文字", f"“{name}” is a list of texts")
            return ()
        entries = tuple(entry.strip() for entry in value)
        if len(set(entries)) < len(entries):
            self._at(name).fault("listed-twice", f"{name} 中有重复", f"“{name}” lists something twice")
        for entry in entries if name in _LIST_CHOICES else ():
            self._choice(entry, _LIST_CHOICES[name], name)
        return entries

    def _choice(self, value: str, choices: tuple[str, ...], name: str) -> None:
        if value not in choices:
            self._at(name).fault(
                f"unknown-{name}",
                f"{name} 不能是“{value[:40]}”；可用：{'、'.join(choices)}",
                f"“{name}” cannot be “{value[:40]}”; known: {', '.join(choices)}",
            )

    def _fields(self, raw: Any) -> tuple[dict[str, Any], ...]:
        if raw is None:
            return ()
        spot = self._at("fields")
        if not isinstance(raw, list):
            spot.fault("bad-list", "fields 应是一列字段", "“fields” is a list of fields")
            return ()
        if len(raw) > MAX_FIELDS:
            spot.fault("too-many-fields", f"最多 {MAX_FIELDS} 个字段", f"At most {MAX_FIELDS} fields")
            return ()
        found = [field for field in map(self._field, raw) if field is not None]
        keys = [field["key"] for field in found]
        for index, field in enumerate(found):
            if field["key"] in keys[:index]:
                spot.at(line=field["line"], element=field["key"]).fault(
                    "duplicate-field", f"字段“{field['key']}”重复", f"The field “{field['key']}” is declared twice"
                )
        return tuple(found)

    def _field(self, raw: Any) -> dict[str, Any] | None:
        if not isinstance(raw, Mapping):
            self._at("fields").fault("bad-field", "字段应有 key 和 label", "A field has a key and a label")
            return None
        key = raw.get("key")
        spot = self._spot.at(line=line_of(raw), element=str(key)[:60] if key else "fields")
        for name in raw:
            if name not in _FIELD_KEYS:
                spot.fault("unknown-key", f"字段没有“{str(name)[:60]}”这一项", f"A field has no “{str(name)[:60]}”")
        wrong = fault_of_name(str(key), top=False) if key else ("bad-name", "字段没有 key", "The field has no key")
        if wrong:
            spot.fault(*wrong)
            return None
        label, label_en = spot.label(raw)
        kind = raw.get("type", "text")
        if kind not in TYPES:
            spot.fault(
                "unknown-type",
                f"没有字段类型“{str(kind)[:40]}”；可用：{'、'.join(TYPES)}",
                f"There is no type “{str(kind)[:40]}”; known: {', '.join(TYPES)}",
            )
        required = spot.flag(raw, "required")
        return {
            "key": str(key),
            "label": label,
            "label_en": label_en,
            "type": str(kind),
            "required": required,
            "line": spot.line,
        }
