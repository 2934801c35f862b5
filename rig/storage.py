"""Write into Home Assistant's storage while it does not run."""

import json
from pathlib import Path
from typing import Any


def write_store(
    config: Path, key: str, data: dict[str, Any], *, version: int, minor_version: int = 1
) -> None:
    """Write one of the files below .storage."""
    folder = config / ".storage"
    folder.mkdir(parents=True, exist_ok=True)
    content = {"version": version, "minor_version": minor_version, "key": key, "data": data}
    (folder / key).write_text(json.dumps(content))
