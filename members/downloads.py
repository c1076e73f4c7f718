"""Files as answers: the one way to hand what we wrote to a browser."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

_OFFICE = "application/vnd.openxmlformats-officedocument"
_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "ics": "text/calendar; charset=utf-8",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "pdf": "application/pdf",
    "png": "image/png",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "zip": "application/zip",
}


def file(content: bytes | str, name: str, *, shown: bool = False) -> HttpResponse:
    """A file to be saved under this name, or `shown` in the browser; its end says what it is."""
    extension = name.rpartition(".")[2]
    response = HttpResponse(
        content, content_type=_MEDIA_TYPES.get(extension, "application/octet-stream")
    )
    response["Content-Disposition"] = content_disposition_header(not shown, name)
    return response
