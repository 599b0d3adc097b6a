"""Reads XML of a stranger: no DOCTYPE, no entity, no network, bounded in size and depth."""

import re

from lxml import etree

from app.engine.faults import Faults

MAX_BYTES = 2_000_000
# The zero bytes let the pattern find the declaration in UTF-16 too, before any entity could be expanded.
_DOCTYPE = re.compile(rb"<\x00?!\x00?(?:D\x00?O\x00?C\x00?T\x00?Y\x00?P\x00?E|E\x00?N\x00?T\x00?I\x00?T\x00?Y)")


def parse_xml(xml: bytes, faults: Faults) -> etree._Element | None:
    """Give the root element without comments and instructions, or None with a fault noted."""
    if len(xml) > MAX_BYTES:
        faults.add("too-large", "", 1, "文件超过 2 MB", "The file is larger than 2 MB")
    elif not xml.strip():
        faults.add("empty-file", "", 1, "文件是空的", "The file is empty")
    elif _DOCTYPE.search(xml):
        faults.add("doctype", "", 1, "不允许 DOCTYPE 或实体声明", "A DOCTYPE or entity declaration is not allowed")
    else:
        return _parse(xml, faults)
    return None


def _parse(xml: bytes, faults: Faults) -> etree._Element | None:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        line = max(error.lineno or 1, 1)
        faults.add("not-xml", "", line, "不是有效的 XML", f"This is not well-formed XML: {error.msg}")
    except (LookupError, ValueError) as error:
        faults.add("not-xml", "", 1, "不是有效的 XML（编码无法识别）", f"This is not well-formed XML: {error}")
    return None
