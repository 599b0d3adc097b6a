"""A client of the API that uploads by tus, one request at a time."""

import base64
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.services.demo import PASSWORD

TUS = {"Tus-Resumable": "1.0.0"}


class Client:
    """One officer at the API."""

    def __init__(self, app: Flask, name: str, case_id: str) -> None:
        self.http = app.test_client()
        self.case_id = case_id
        token = self.http.post("/api/v1/token", json={"name": name, "password": PASSWORD}).get_json()["token"]
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.http.get(f"/api/v1{path}", headers={**self.headers, **headers})

    def announce(self, length: Any, name: str = "笔录.txt", **metadata: str) -> TestResponse:
        told = encoded({"case": self.case_id, "filename": name, **metadata})
        headers = {**self.headers, **TUS, "Upload-Length": str(length), "Upload-Metadata": told}
        return self.http.post("/api/v1/uploads", headers=headers)

    def patch(self, place: str, offset: Any, data: bytes, **headers: str) -> TestResponse:
        sent = {"Upload-Offset": str(offset), **TUS, **self.headers, **headers}
        return self.http.patch(place, data=data, headers=sent, content_type="application/offset+octet-stream")

    def head(self, place: str, **headers: str) -> TestResponse:
        return self.http.head(place, headers={**TUS, **self.headers, **headers})

    def delete(self, place: str) -> TestResponse:
        return self.http.delete(place, headers={**TUS, **self.headers})

    def upload(self, data: bytes, name: str = "笔录.txt", **metadata: str) -> dict[str, Any]:
        """Upload in two pieces; give the stored file."""
        place = self.announce(len(data), name, **metadata).headers["Location"]
        half = len(data) // 2
        assert self.patch(place, 0, data[:half]).status_code == 204
        assert self.patch(place, half, data[half:]).status_code == 204
        return self.get(f"/files/{place.rpartition('/')[2]}").get_json()

    def listed(self) -> list[dict[str, Any]]:
        return self.get(f"/cases/{self.case_id}/files").get_json()


def encoded(metadata: dict[str, str]) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items())
