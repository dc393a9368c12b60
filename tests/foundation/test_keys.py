"""The installation's secrets: made once, the same for all, readable by their owner only."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

from prp_guide import keys
from prp_guide.home import Home


def test_made_once_even_when_many_ask_at_once(tmp_path: Path) -> None:
    home = Home(root=tmp_path, state=tmp_path / "var")
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(keys.read_key(home, keys.DRAFT))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [path.name for path in home.keys.iterdir()] == [keys.DRAFT], "nothing half made is left"
    assert stat.S_IMODE((home.keys / keys.DRAFT).stat().st_mode) == 0o600


def test_each_key_is_its_own(tmp_path: Path) -> None:
    home = Home(root=tmp_path, state=tmp_path / "var")
    assert len({keys.read_key(home, name) for name in (keys.SESSION, keys.DRAFT, keys.LOOPBACK, keys.DESK)}) == 4
