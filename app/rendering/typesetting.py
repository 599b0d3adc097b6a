"""What Chinese typesetting needs and WeasyPrint lacks: justified lines, narrow columns in linear time, honest fonts.

WeasyPrint has no hook for these, so three of its functions are wrapped, once per process.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from weasyprint.draw import text as drawing
from weasyprint.formatting_structure import boxes
from weasyprint.layout import inline, preferred
from weasyprint.text.ffi import ffi, pango
from weasyprint.text.fonts import get_pango_font_key

_HAN = re.compile("[\u2e80-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U000323af]")
_WIDEST_GAP = 0.35
"""Of the font size: a line that would need wider gaps (one with a long word behind it) stays ragged."""
_WINDOW = 40
"""Characters looked at to find the first break; half of them must lie behind it."""


@dataclass(kw_only=True)
class Glyphs:
    """What the lines drawn since the last `clear` were drawn with."""

    foreign: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)
    """(family used, families asked for) → the first character drawn with a font nobody asked for."""
    missing: list[str] = field(default_factory=list)
    """Characters no font has."""

    def clear(self) -> None:
        """Begin another document."""
        self.foreign.clear()
        self.missing.clear()

    def note(self, box: Any) -> None:
        """Look at the fonts a line of text is drawn with."""
        asked = tuple(str(family) for family in box.style["font_family"])
        text = box.pango_layout.text.encode()
        first_line, _ = box.pango_layout.get_first_line()
        run = first_line.runs[0]
        while run != ffi.NULL:
            item = run.data.item
            shown = text[item.offset : item.offset + item.length].decode(errors="replace")
            if shown.strip():
                self._note_run(run.data, shown, asked)
            run = run.next

    def _note_run(self, glyph_item: Any, shown: str, asked: tuple[str, ...]) -> None:
        glyphs = glyph_item.glyphs
        for index in range(glyphs.num_glyphs):
            glyph = glyphs.glyphs[index].glyph
            if glyph != pango.PANGO_GLYPH_EMPTY and glyph & pango.PANGO_GLYPH_UNKNOWN_FLAG:
                self.missing.append(chr(glyph - pango.PANGO_GLYPH_UNKNOWN_FLAG))
        family = _family_of(glyph_item.item.analysis.font)
        if family.casefold() not in {name.casefold() for name in asked}:
            self.foreign.setdefault((family, asked), shown.strip()[0])


def install(glyphs: Glyphs) -> None:
    """Wrap WeasyPrint's functions; the fonts of every line drawn are noted in `glyphs`."""
    inline.justify_line = _justified(inline.justify_line)
    preferred.split_first_line = _windowed(preferred.split_first_line)
    drawing.draw_first_line = _noted(drawing.draw_first_line, glyphs)


def _family_of(font: Any) -> str:
    _, description, _ = get_pango_font_key(font)
    return str(ffi.string(pango.pango_font_description_get_family(description)).decode())


def _noted(draw: Callable[..., Any], glyphs: Glyphs) -> Callable[..., Any]:
    def draw_first_line(stream: Any, textbox: Any, *rest: Any) -> Any:
        drawn = draw(stream, textbox, *rest)
        if textbox.text.strip():
            glyphs.note(textbox)
        return drawn

    return draw_first_line


def _windowed(split: Callable[..., Any]) -> Callable[..., Any]:
    """Find the first break of a text of no width from its beginning.

    Chinese may break after nearly every character, and WeasyPrint shapes the whole rest of the text for each of them.
    """

    def split_first_line(text: str, style: Any, context: Any, max_width: Any, *rest: Any, **named: Any) -> Any:
        if max_width == 0 and len(text) > _WINDOW:
            found = split(text[:_WINDOW], style, context, max_width, *rest, **named)
            resume = found[2]
            # A break close to the cut may be the cut itself.
            if resume is not None and resume <= len(text[: _WINDOW // 2].encode()):
                return found
        return split(text, style, context, max_width, *rest, **named)

    return split_first_line


def _justified(by_spaces: Callable[..., Any]) -> Callable[..., Any]:
    """Spread a line with Chinese in it over its width, a little between all characters; others as WeasyPrint does."""

    def justify_line(context: Any, line: Any, extra_width: float) -> None:
        text = "".join(box.text for box in _texts(line)).rstrip()
        if not _HAN.search(text):
            by_spaces(context, line, extra_width)
        elif len(text) > 1 and extra_width <= _WIDEST_GAP * line.style["font_size"] * (len(text) - 1):
            _spread(context, line, extra_width / (len(text) - 1), 0.0)

    return justify_line


def _texts(box: Any) -> Iterator[Any]:
    if isinstance(box, boxes.TextBox):
        yield box
    elif isinstance(box, boxes.LineBox | boxes.InlineBox):
        for child in box.children:
            if child.is_in_normal_flow():
                yield from _texts(child)


def _spread(context: Any, box: Any, gap: float, shift: float) -> float:
    """Widen each character of a box by `gap` after moving the box by `shift` (pixels); give the shift behind it."""
    if isinstance(box, boxes.TextBox):
        return shift + _widen(context, box, gap, shift)
    if not isinstance(box, boxes.LineBox | boxes.InlineBox):
        box.translate(shift, 0)
        return shift
    box.position_x += shift
    behind = shift
    for child in box.children:
        if child.is_in_normal_flow():
            behind = _spread(context, child, gap, behind)
    box.width += behind - shift
    return behind


def _widen(context: Any, box: Any, gap: float, shift: float) -> float:
    box.position_x += shift
    style = box.style.copy()
    spacing = style["letter_spacing"]
    style["letter_spacing"] = gap + (0 if spacing == "normal" else spacing)
    box.style = style
    layout = inline.create_layout(box.text, style, context, max_width=None, justification_spacing=0)
    layout.deactivate()
    box.pango_layout = layout
    extra = gap * len(box.text)
    box.width += extra
    return float(extra)
