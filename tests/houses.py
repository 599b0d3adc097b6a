"""The running program for a test, with everything it writes in a folder of its own."""

from pathlib import Path

from app.config import Config

ROOT = Path(__file__).parent.parent


def a_config(folder: Path, *, database_url: str | None = None, home: Path = ROOT, demo: bool = True) -> Config:
    """Give the settings of a node that keeps its data in `folder`; SQLite unless another database is named."""
    return Config(
        home=home,
        data=folder,
        database_url=database_url or f"sqlite:///{folder / 'xianjie.sqlite'}",
        secret_key="not a secret: the data of a test are invented",
        demo=demo,
        fonts=ROOT / "var/fonts",
        host="127.0.0.1",
        port=0,
    )
