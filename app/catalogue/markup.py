"""Whether the text or HTML a form shows is only text: a few tags, no script, no style, no foreign content."""

import re
from html.parser import HTMLParser

_ALLOWED = (
    "p br b strong i em u s sub sup small span div ul ol li dl dt dd h1 h2 h3 h4 h5 h6 hr "
    "table caption thead tbody tfoot tr th td blockquote pre code a"
)
_TAGS = frozenset(_ALLOWED.split())
_ATTRIBUTES = frozenset({"title", "lang", "colspan", "rowspan", "href"})
_LINK = re.compile(r"(?:https?://|mailto:|#|/(?!/))", re.IGNORECASE)
_SCRIPT_LINK = re.compile(r"(?:javascript|vbscript|data)\s*(?::|&colon;|&#)", re.IGNORECASE)
_UNFINISHED = re.compile(r"<[A-Za-z/!?][^>]*$")


def refused_markup(source: str) -> str:
    """What in the HTML or Markdown is not allowed (a tag, an attribute, a link), or an empty string."""
    # a browser finishes a tag that the parser below would take for text
    unfinished = _UNFINISHED.search(source)
    if unfinished:
        return unfinished.group()[:20]
    script = _SCRIPT_LINK.search(re.sub(r"[\x00-\x20]+", "", source))
    if script:
        return script.group()
    reader = _Reader()
    reader.feed(source)
    reader.close()
    return reader.refused


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.refused = ""

    def _refuse(self, what: str) -> None:
        self.refused = self.refused or what

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self._refuse(f"<{tag}>")
        for name, value in attrs:
            if name not in _ATTRIBUTES or (name == "href" and not _LINK.match(value or "")):
                self._refuse(f"{name}=")

    def handle_comment(self, data: str) -> None:
        self._refuse(f"<!--{data[:20]}")

    def handle_decl(self, decl: str) -> None:
        self._refuse(f"<!{decl[:20]}")

    def unknown_decl(self, data: str) -> None:
        self._refuse(f"<![{data[:20]}")

    def handle_pi(self, data: str) -> None:
        self._refuse(f"<?{data[:20]}")
