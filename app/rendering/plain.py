"""A renderer for stories and tests: the same faults, no typesetting, in a millisecond."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.rendering.markup import Template, a_sheet, fill_body

_FONT = (
    b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/FontDescriptor 7 0 R"
    b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>>>"
)
_METRICS = (
    b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0"
    b"/Ascent 880/Descent -120/CapHeight 880/StemV 93>>"
)


class PlainRenderer:
    """Fills the body in, which finds every missing field, and gives a page that bears the title alone."""

    def render_document(
        self,
        *,
        template: Template,
        layouts: Mapping[str, str],
        data: Mapping[str, Any],
        created: datetime,
        attached: Mapping[str, bytes] | None = None,
        seconds: int = 0,
    ) -> bytes:
        """A valid PDF of one page; raises Invalid as the real renderer does for what is missing."""
        sheet = a_sheet(
            template=template, layouts=layouts, data=data, created=created, attached=attached, seconds=seconds
        )
        fill_body(sheet)
        return _one_page(sheet.title)

    def is_busy(self) -> bool:
        """Never: it takes no time."""
        return False

    def close(self) -> None:
        """Nothing to end."""


def _one_page(title: str) -> bytes:
    """A page (ISO 32000-1) whose text is the title, in the UTF-16 encoding of a font that is not embedded."""
    encoded = title.encode("utf-16-be").hex().upper()
    content = f"BT /F 22 Tf 60 760 Td <{encoded}> Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UTF16-H/DescendantFonts[6 0 R]>>",
        _FONT,
        _METRICS,
        f"<</Title<FEFF{encoded}>>>".encode(),
    ]
    pdf = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, content_of in enumerate(objects, start=1):
        offsets.append(len(pdf))
        pdf += b"%d 0 obj\n%b\nendobj\n" % (number, content_of)
    start = len(pdf)
    pdf += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    pdf += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    pdf += b"trailer\n<</Size %d/Root 1 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        len(objects),
        start,
    )
    return bytes(pdf)
