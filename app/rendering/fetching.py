"""What a document may load: data it carries itself and the shared layouts, never a file or the network."""

from collections.abc import Mapping
from typing import Any

from weasyprint.urls import URLFetcher, URLFetcherResponse

ASSET = "asset:"
MAX_DATA = 2_000_000
_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html"}


class LockedFetcher(URLFetcher):  # type: ignore[misc]  # the library is untyped
    """Serves `data:` and `asset:NAME`; anything else is refused and remembered, because WeasyPrint hides errors."""

    def __init__(self, assets: Mapping[str, str]) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False)
        self._assets = assets
        self.refused: list[str] = []

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        """The content behind an address; raises ValueError when it is not to be loaded."""
        if url[:5].lower() == "data:" and len(url) <= MAX_DATA:
            return super().fetch(url, headers)
        name = url.removeprefix(ASSET)
        if url.startswith(ASSET) and name in self._assets:
            kind = _TYPES.get(name[name.rfind(".") :], "text/plain")
            return URLFetcherResponse(url, self._assets[name], {"Content-Type": f"{kind}; charset=utf-8"})
        self.refused.append(url[:100])
        raise ValueError(f"{url[:100]} is not to be loaded")
