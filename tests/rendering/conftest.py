import pytest

from app.rendering.pdf import PdfRenderer
from tests.rendering.sheets import CREATED, DATA, FONTS, HEAD, LAYOUTS, a_document


@pytest.fixture(scope="session")
def renderer():
    one = PdfRenderer(FONTS)
    yield one
    one.close()


@pytest.fixture
def rendered(renderer):
    def render(body, *, head=HEAD, layouts=LAYOUTS, created=CREATED, by=renderer, **data):
        return by.render_document(
            template=a_document(body, head), layouts=layouts, data={**DATA, **data}, created=created
        )

    return render
