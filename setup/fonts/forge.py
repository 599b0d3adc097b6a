#!/usr/bin/env python3
"""Makes the fonts of the documents out of unpacked packages: forge.py SOURCES BUILT OUT.

Three things are done to what the packages hold. Outlines become quadratic (TrueType): such subsets are embedded three
times faster and smaller than CFF ones, and every reader shows them. The slices of a web font are put together again.
And every font gets the ascent and descent of the body font, so that a rare character of a name, which comes from
another font, does not push the lines of the page apart (GB/T 9704: 22 lines a page).
"""

import shutil
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

FANDOL = "usr/share/texlive/texmf-dist/fonts/opentype/public/fandol"
TRUETYPE = "usr/share/fonts/truetype"
BODY = f"{FANDOL}/FandolFang-Regular.otf"
OUTLINES = (("CTFang.ttf", "CT Fang", BODY), ("CTKai.ttf", "CT Kai", f"{FANDOL}/FandolKai-Regular.otf"))
OTHERS = (
    ("CTWen.ttf", "CT Wen", f"{TRUETYPE}/lxgw-wenkai/LXGWWenKai-Light.ttf"),
    ("CTHan.ttf", "CT Han", f"{TRUETYPE}/babelstone/BabelStoneHan.ttf"),
    ("CTHanB.ttf", "CT Han B", f"{TRUETYPE}/hanazono/HanaMinB.ttf"),
)
SLICED = (
    ("CTSong-400.ttf", "CT Song", "noto-serif-sc", 400),
    ("CTSong-700.ttf", "CT Song", "noto-serif-sc", 700),
    ("CTHei-400.ttf", "CT Hei", "noto-sans-sc", 400),
)
STAND_INS = (
    ("CT Song", "Noto Serif CJK SC", "NotoSerifCJK-Regular.ttc"),
    ("CT Song", "Noto Serif CJK SC", "NotoSerifCJK-Bold.ttc"),
    ("CT Hei", "Noto Sans CJK SC", "NotoSansCJK-Regular.ttc"),
)
LICENCES = ("usr/share/doc/texlive-doc/fonts/fandol/COPYING", "usr/share/doc/*/copyright", "web/*/package/LICENSE")
USELESS = ("GSUB", "GPOS", "BASE", "vhea", "vmtx", "VORG", "DSIG", "CFF ")
LEAN = {"GlyphOrder", "head", "hhea", "maxp", "OS/2", "hmtx", "cmap", "loca", "glyf", "name", "post"}
NAMES = (1, 2, 3, 4, 6, 16, 17)
METRICS = (
    *(("hhea", name) for name in ("ascent", "descent", "lineGap")),
    *(("OS/2", name) for name in ("sTypoAscender", "sTypoDescender", "sTypoLineGap", "usWinAscent", "usWinDescent")),
)
TYPO_METRICS = 1 << 7
BOLD, REGULAR = 700, 400
WORKERS = 2


def make_quadratic(source: Path, target: Path, family: str) -> None:
    """Turn cubic outlines into quadratic ones; at most one unit of a thousand away from the drawing."""
    font = TTFont(source, recalcTimestamp=False)
    drawn = font.getGlyphSet()
    order = font.getGlyphOrder()
    glyphs: dict[str, Any] = {}
    for name in order:
        pen = TTGlyphPen(None)
        drawn[name].draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
        glyphs[name] = pen.glyph()
    for table in USELESS:
        if table in font:
            del font[table]
    font["loca"] = newTable("loca")
    font["glyf"] = glyf = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = order, glyphs
    for name, glyph in glyphs.items():
        glyph.recalcBounds(glyf)
        font["hmtx"][name] = (font["hmtx"][name][0], getattr(glyph, "xMin", 0))
    limits = font["maxp"]
    limits.tableVersion = 0x00010000
    for name in (
        *("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs"),
        *("maxStackElements", "maxSizeOfInstructions", "maxComponentElements", "maxComponentDepth"),
        *("maxPoints", "maxContours", "maxCompositePoints", "maxCompositeContours"),
    ):
        setattr(limits, name, 1 if name == "maxZones" else 0)
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"
    _name(font, family, REGULAR)
    font.save(target)


def merge_slices(folder: Path, prefix: str, weight: int, target: Path, family: str, body: Path) -> None:
    """Put the slices of a web font together: for every character the first slice that has it."""
    numbered = sorted(folder.glob(f"{prefix}-[0-9]*-{weight}-normal.woff2"))
    named = [folder / f"{prefix}-{part}-{weight}-normal.woff2" for part in ("chinese-simplified", "latin", "latin-ext")]
    slices = [TTFont(path, recalcTimestamp=False) for path in (*numbered, *named) if path.exists()]
    font = slices[0]
    glyphs: dict[str, Any] = {".notdef": font["glyf"][".notdef"]}
    widths: dict[str, tuple[int, int]] = {".notdef": font["hmtx"][".notdef"]}
    characters: dict[int, str] = {}
    for part in slices:
        taken: dict[str, str] = {}
        for character, name in sorted(part.getBestCmap().items()):
            if character not in characters:
                characters[character] = _take(part, name, glyphs, widths, taken)
    order = list(glyphs)
    for table in list(font.keys()):
        if table not in LEAN:
            del font[table]
    font.setGlyphOrder(order)
    font["glyf"].glyphs, font["glyf"].glyphOrder = glyphs, order
    font["hmtx"].metrics = widths
    font["cmap"] = _cmap(characters)
    font["post"].formatType = 3.0
    font.flavor = None
    _level(font, TTFont(body, lazy=True))
    _name(font, family, weight)
    font.save(target)


def level(source: Path, target: Path, family: str, body: Path) -> None:
    """Give a font the vertical metrics of the body font and a name of its own (the OFL asks for one)."""
    font = TTFont(source, lazy=True, recalcBBoxes=False, recalcTimestamp=False)
    _level(font, TTFont(body, lazy=True))
    _name(font, family, REGULAR)
    font.save(target)


def _take(
    part: TTFont, name: str, glyphs: dict[str, Any], widths: dict[str, tuple[int, int]], taken: dict[str, str]
) -> str:
    """Copy a glyph, and those it is put together of, under a new name."""
    if name in taken:
        return taken[name]
    glyph = part["glyf"][name]
    glyph.expand(part["glyf"])
    new = taken[name] = f"g{len(glyphs)}"
    glyphs[new], widths[new] = glyph, part["hmtx"][name]
    if glyph.isComposite():
        for component in glyph.components:
            component.glyphName = _take(part, component.glyphName, glyphs, widths, taken)
    glyph.removeHinting()
    return new


def _cmap(characters: dict[int, str]) -> Any:
    table = newTable("cmap")
    table.tableVersion, table.tables = 0, []
    for form, encoding, last in ((4, 1, 0xFFFF), (12, 10, 0x10FFFF)):
        part = CmapSubtable.newSubtable(form)
        part.platformID, part.platEncID, part.language = 3, encoding, 0
        part.cmap = {character: name for character, name in characters.items() if character <= last}
        table.tables.append(part)
    return table


def _level(font: TTFont, body: TTFont) -> None:
    scale = font["head"].unitsPerEm / body["head"].unitsPerEm
    for table, name in METRICS:
        setattr(font[table], name, round(getattr(body[table], name) * scale))
    kept = font["OS/2"].fsSelection & ~TYPO_METRICS
    font["OS/2"].fsSelection = kept | (body["OS/2"].fsSelection & TYPO_METRICS)


def _name(font: TTFont, family: str, weight: int) -> None:
    style = "Bold" if weight == BOLD else "Regular"
    table = font["name"]
    table.names = [record for record in table.names if record.nameID not in NAMES]
    full = family if weight == REGULAR else f"{family} {style}"
    file = f"{family.replace(' ', '')}-{style}"
    for number, text in ((1, family), (2, style), (3, file), (4, full), (6, file)):
        table.setName(text, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = weight
    kept = font["OS/2"].fsSelection & ~0x61
    font["OS/2"].fsSelection = kept | (0x20 if weight == BOLD else 0x40)
    font["head"].macStyle = 1 if weight == BOLD else 0


def write_configuration(target: Path, folder: Path, aliases: Iterable[tuple[str, str]]) -> None:
    """Write fonts.conf: this folder and nothing else, so that every machine sets the same page."""
    bound = "".join(
        f'  <match target="pattern"><test name="family"><string>{escape(alias)}</string></test>'
        f'<edit name="family" mode="assign" binding="same"><string>{escape(family)}</string></edit></match>\n'
        for alias, family in sorted(set(aliases))
    )
    target.write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n'
        f"  <dir>{escape(str(folder))}</dir>\n  <cachedir>{escape(str(folder / '.cache'))}</cachedir>\n{bound}"
        "</fontconfig>\n",
        encoding="utf-8",
    )


def copy_licences(sources: Path, built: Path) -> None:
    """Keep the licences of what was built beside it."""
    for pattern in LICENCES:
        for path in sources.glob(pattern):
            owner = path.parent.parent.name if path.name == "LICENSE" else path.parent.name
            shutil.copyfile(path, built / f"LICENCE-{owner}.txt")


def main(sources: Path, built: Path, out: Path) -> None:
    """Make every font, two at a time."""
    body = sources / BODY
    work: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
    aliases: list[tuple[str, str]] = []
    for file, family, prefix, weight in SLICED:
        folders = sorted(sources.glob(f"web/*{prefix}*/package/files"))
        if folders:
            work.append((merge_slices, (folders[0], prefix, weight, built / file, family, body)))
    if not work:
        for alias, family, file in STAND_INS:
            shutil.copyfile(sources / "usr/share/fonts/opentype/noto" / file, built / file)
            aliases.append((alias, family))
    work += [(make_quadratic, (sources / source, built / file, family)) for file, family, source in OUTLINES]
    work += [(level, (sources / source, built / file, family, body)) for file, family, source in OTHERS]
    with ProcessPoolExecutor(WORKERS) as pool:
        for done in [pool.submit(function, *arguments) for function, arguments in work]:
            done.result()
    copy_licences(sources, built)
    write_configuration(built / "fonts.conf", out, aliases)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
