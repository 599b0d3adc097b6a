"""The papers of custody that no process issues: the report on a trail, and the record of one entry of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.catalogue.documents import DocumentTemplate
from app.catalogue.readings import document_of, text_of
from app.catalogue.tree import LAYOUTS, collect_files
from app.domain.errors import NotFound

PLACE = "documents/custody/"


@dataclass(frozen=True, kw_only=True)
class Papers:
    """The templates by name, and the layouts they are put into."""

    templates: Mapping[str, DocumentTemplate]
    layouts: Mapping[str, str]

    def find(self, *names: str) -> DocumentTemplate:
        """Give the first of these that is there. Raises NotFound naming the last one looked for."""
        for name in names:
            if name in self.templates:
                return self.templates[name]
        file = f"{PLACE}{names[-1]}.html"
        raise NotFound(f"没有文书模板 {file}", f"There is no template {file}", at=file)


@lru_cache(maxsize=8)
def read_papers(home: Path) -> Papers:
    """Read the papers below a folder, once; raises BrokenBundle for one that cannot be read."""
    files = collect_files(home)
    return Papers(
        templates={
            path.removeprefix(PLACE).removesuffix(".html"): document_of(content, path)
            for path, content in files.items()
            if path.startswith(PLACE) and path.endswith(".html")
        },
        layouts={
            path.removeprefix(LAYOUTS): text_of(content, path)
            for path, content in files.items()
            if path.startswith(LAYOUTS) and not path.endswith(".md")
        },
    )
