"""The only reader of the environment."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import Invalid

MAX_FILE = 8 * 1024**3
"""Bytes of the largest file that may be uploaded, unless the environment says otherwise."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """How this node runs. `home` holds bpmn/, forms/, documents/; `data` holds what is written.

    `files` is where the content of files goes: `s3://bucket/prefix`, or empty for a folder in `data`.
    """

    home: Path
    data: Path
    database_url: str
    secret_key: str
    demo: bool
    fonts: Path
    host: str
    port: int
    max_file: int = MAX_FILE
    files: str = ""


def read_config(environ: Mapping[str, str] | None = None) -> Config:
    """Read `XIANJIE_*`; everything has a default that works on one machine with nothing installed."""
    env = os.environ if environ is None else environ
    home = Path(env.get("XIANJIE_HOME") or _home())
    data = Path(env.get("XIANJIE_DATA") or home / "var").absolute()
    return Config(
        home=home,
        data=data,
        database_url=env.get("XIANJIE_DATABASE_URL") or f"sqlite:///{data / 'xianjie.sqlite'}",
        secret_key=env.get("XIANJIE_SECRET_KEY") or _kept_secret(data),
        demo=env.get("XIANJIE_DEMO", "") not in ("", "0", "false", "no"),
        fonts=Path(env.get("XIANJIE_FONTS") or data / "fonts"),
        host=env.get("XIANJIE_HOST", "127.0.0.1"),
        port=_number(env, "XIANJIE_PORT", 8000),
        files=_place_of_files(env.get("XIANJIE_FILES", "")),
        max_file=_number(env, "XIANJIE_MAX_FILE", MAX_FILE),
    )


def _place_of_files(value: str) -> str:
    if value and not value.startswith("s3://"):
        raise Invalid("XIANJIE_FILES 应为 s3://桶/前缀", "XIANJIE_FILES must be s3://bucket/prefix", at="XIANJIE_FILES")
    return value


def _number(env: Mapping[str, str], name: str, usual: int) -> int:
    try:
        return int(env.get(name) or usual)
    except ValueError:
        raise Invalid(f"{name} 不是数字", f"{name} is not a number", at=name) from None


def _home() -> Path:
    here = Path.cwd()
    if (here / "bpmn").is_dir():
        return here
    return Path(__file__).resolve().parent.parent


def _kept_secret(data: Path) -> str:
    # Sessions must outlive a restart; the key is made once and readable by this user alone.
    path = data / "secret_key"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text()
