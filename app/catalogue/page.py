"""A YAML file of the house being read: typed values out of it, and everything that is wrong with it at once."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from app.catalogue.located import Located, line_of, read_yaml
from app.domain.errors import BrokenBundle, Fault
from app.domain.rules import Sentence

Source = Path | bytes | str

_MAX_TEXT = 500


class Page:
    """One file being read: gives typed values, and collects what is wrong with it."""

    def __init__(self, source: Source, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.content = read_yaml(self._decoded(source), file=file)

    def fault(self, near: object, element: str, code: str, zh: str, en: str) -> None:
        """Note what is wrong near a value that knows its line."""
        self.faults.append(Fault(file=self.file, line=line_of(near), element=element, code=code, zh=zh, en=en))

    def refuse_faults(self) -> None:
        """Raise BrokenBundle with everything noted so far, if there is anything."""
        if self.faults:
            raise BrokenBundle(sorted(self.faults, key=lambda fault: fault.line))

    def mapping(self, value: object, element: str, known: Collection[str]) -> Located:
        """The value as a mapping with known keys only; an empty one where it is none."""
        if not isinstance(value, Located):
            self.fault(value, element, "not-mapping", f"{element} 应为一组键值", f"{element} must be a mapping")
            return Located()
        for key in value:
            if key not in known:
                self.fault(value, element, "unknown-key", f"{element} 不认识“{key}”", f"{element} knows no “{key}”")
        return value

    def entries(self, content: Located, key: str, pattern: re.Pattern[str]) -> Iterator[tuple[str, Any]]:
        """The entries of the mapping under a key, each with a name of the pattern."""
        value = content.get(key)
        if not isinstance(value, Located):
            self.fault(content, key, "not-mapping", f"缺少 {key}", f"{key} is missing or not a mapping")
            return
        for name, entry in value.items():
            if pattern.fullmatch(name):
                yield name, entry
            else:
                self.fault(
                    entry if isinstance(entry, Located) else value,
                    name[:40],
                    "bad-id",
                    f"{key} 中的编号“{name[:40]}”无效",
                    f"“{name[:40]}” is no id for {key}",
                )

    def text(self, content: Located, key: str, element: str, *, needed: bool = True) -> str:
        """The text under a key; empty where it is none."""
        value = content.get(key, "")
        if isinstance(value, str) and (value.strip() or not needed) and len(value) <= _MAX_TEXT:
            return value.strip()
        self.fault(content, element, "bad-text", f"{element} 的 {key} 应为文字", f"{key} of {element} must be text")
        return ""

    def sentence(self, value: object, element: str) -> Sentence:
        """A sentence in Chinese and English."""
        content = self.mapping(value, element, {"zh", "en"})
        return Sentence(self.text(content, "zh", element), self.text(content, "en", element))

    def one_of(self, content: Located, key: str, element: str, known: Collection[str], default: str) -> Any:
        """The value under a key when it is one of those known, else the default."""
        value = content.get(key, default)
        if value in known:
            return value
        self.fault(
            content,
            element,
            "bad-choice",
            f"{element} 的 {key} 应为其中之一：{'、'.join(known)}",
            f"{key} of {element} must be one of {', '.join(known)}",
        )
        return default

    def words(self, content: Located, key: str, element: str, *, wanted: bool) -> frozenset[str]:
        """The list of words under a key; `wanted` says whether it has to be there or must not."""
        value = content.get(key)
        if value is None and not wanted:
            return frozenset()
        if wanted and isinstance(value, list) and value and all(isinstance(word, str) for word in value):
            return frozenset(value)
        zh, en = ("应为一列角色", "lists roles") if wanted else ("只用于 any 类角色", "belongs on a role of kind any")
        self.fault(content, element, f"bad-{key}", f"{element} 的 {key} {zh}", f"{key} of {element} {en}")
        return frozenset()

    def flag(self, content: Located, key: str, element: str) -> bool:
        """True or false."""
        value = content.get(key)
        if isinstance(value, bool):
            return value
        self.fault(
            content, element, "bad-flag", f"{element} 的 {key} 应为 true 或 false", f"{key} of {element}: true or false"
        )
        return False

    def _decoded(self, source: Source) -> str:
        try:
            content = source.read_bytes() if isinstance(source, Path) else source
            return content if isinstance(content, str) else content.decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise BrokenBundle(
                [
                    Fault(
                        file=self.file,
                        line=1,
                        element="",
                        code="unreadable",
                        zh="文件无法读取，应为 UTF-8 文本",
                        en="The file cannot be read as UTF-8 text",
                    )
                ]
            ) from error
