"""QR codes (ISO/IEC 18004) as pictures a document can carry."""

import segno

QUIET = 4
"""Modules of white around a code, as the standard wants them."""


def qr_picture(text: str) -> str:
    """Give a text as a QR code, a `data:` address of an SVG drawing with its quiet zone.

    Error correction is at least M: a label is still read when a seventh of it is dirty.
    """
    code = segno.make(text, error="m", micro=False, boost_error=True)
    return str(code.svg_data_uri(border=QUIET, dark="#000", xmldecl=False, omitsize=True))
