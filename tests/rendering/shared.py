"""The layouts and the page as they are shipped, with an invented agency."""

from tests.houses import ROOT

LAYOUTS = {
    path.name: path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "documents/_shared").iterdir())
    if path.suffix in (".html", ".css")
}
AGENCY = {"name": "虚构市市场监督管理局", "short": "虚市监", "unit": "", "head": "某甲"}
DATA = {
    "agency": AGENCY,
    "recipient": {"name": "虚构市公安局"},
    "copies_to": [],
    "number": "虚市监移〔2026〕7号",
    "date": "2026-03-13",
    "case_name": "虚构案",
    "charge": "虚构罪",
}


def lines_of(page):
    """The lines of a page from its top: (distance from the top edge in points, text)."""
    height = float(page.mediabox.height)
    found = {}

    def note(text, matrix, text_matrix, _font, _size):
        if text.strip():
            x, y = text_matrix[4], text_matrix[5]
            top = round(height - (matrix[1] * x + matrix[3] * y + matrix[5]), 1)
            found[top] = found.get(top, "") + text.strip("\n")

    page.extract_text(visitor_text=note)
    return sorted(found.items())
