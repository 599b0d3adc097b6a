"""Characters as shapes: the ring of a seal is a picture, and must not be read as words of the document."""

import shutil
import subprocess
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

from app.domain.errors import Invalid

EM = 1000
"""What outlines are measured in: a character is as wide as so many units."""

_STACK = "CT Song,CT Wen,CT Han,CT Han B,Noto Serif CJK SC,serif:bold:lang=zh-cn"
_KEPT = 1000
_PATIENCE = 10
"""Seconds to wait for the list of fonts."""


@lru_cache(_KEPT)
def outline(character: str) -> str:
    """The path (SVG 1.1) of one character, its middle at x = 0, its baseline at y = 0, y growing downwards.

    Raises Invalid naming a character no font has.
    """
    for font, characters in _fonts():
        name = characters.get(ord(character))
        if name is not None:
            return _drawn(font, name)
    raise Invalid(
        f"印章：没有字体能显示“{character}”（U+{ord(character):04X}）",
        f"The seal: no font has “{character}” (U+{ord(character):04X})",
        at=character,
    )


def _drawn(font: TTFont, name: str) -> str:
    glyphs = font.getGlyphSet()
    scale = EM / font["head"].unitsPerEm
    pen = SVGPathPen(glyphs, ntos=lambda number: f"{number:.0f}")
    middle = glyphs[name].width * scale / 2
    glyphs[name].draw(TransformPen(pen, (scale, 0, 0, -scale, -middle, 0)))
    return str(pen.getCommands())


def _fonts() -> Iterator[tuple[TTFont, dict[int, str]]]:
    """The fonts of a title in the order they are asked, with the characters each has."""
    for file, index in _files():
        yield _opened(file, index)


@cache
def _opened(file: str, index: int) -> tuple[Any, dict[int, str]]:
    font = TTFont(file, fontNumber=index, lazy=True)
    return font, font.getBestCmap() or {}


@cache
def _files() -> tuple[tuple[str, int], ...]:
    program = shutil.which("fc-match")
    if program is None:
        return ()
    listed = subprocess.run(  # noqa: S603  a program of the system and a constant
        [program, "--sort", "--format", "%{file}\t%{index}\n", _STACK],
        capture_output=True,
        check=False,
        text=True,
        timeout=_PATIENCE,
    )
    # The upper half of an index says which instance of a variable font it is.
    found = (line.rsplit("\t", 1) for line in listed.stdout.splitlines())
    return tuple((file, int(index) & 0xFFFF) for file, index in found)
