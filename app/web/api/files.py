"""Material of cases in the API: listed, seen, and read for a reason; it arrives by tus (`app/web/uploads.py`)."""

from typing import Any

from flask_smorest import Blueprint

from app.services import files
from app.web.api import schemas
from app.web.files import hand_out
from app.web.house import house
from app.web.presenters import row_dict
from app.web.security import me, officer_required

blueprint = Blueprint(
    "api_files", __name__, url_prefix="/api/v1", description="案件材料; they arrive by tus 1.0.0 at /api/v1/uploads"
)


@blueprint.get("/cases/<case_id>/files")
@blueprint.response(200, schemas.FileShown(many=True))
@officer_required
def list_files(case_id: str) -> Any:
    """The files of a case my agency brought or was shown."""
    with house().work(read_only=True) as work:
        return [row_dict(row) for row in files.files_of_case(work, me(), case_id)]


@blueprint.get("/files/<file_id>")
@blueprint.response(200, schemas.FileShown)
@officer_required
def show_file(file_id: str) -> Any:
    """What is known of a file; a file has the id of its upload."""
    with house().work(read_only=True) as work:
        return row_dict(files.see_file(work, me(), file_id))


@blueprint.get("/files/<file_id>/content")
@blueprint.arguments(schemas.ReasonAsked, location="query")
@blueprint.response(200, content_type="application/octet-stream")
@officer_required
def read_file(_asked: Any, file_id: str) -> Any:
    """The content, or one range of it; noted with the reason."""
    return hand_out(file_id)
