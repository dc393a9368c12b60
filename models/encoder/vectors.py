"""Write vectors.npz, the vectors of today's phrases, and SHA256SUMS. In the project's own environment, two minutes:

python models/encoder/vectors.py
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from prp_guide.home import Home  # noqa: E402
from prp_guide.language.known_vectors import FILE, write  # noqa: E402
from prp_guide.language.phrases import read_phrases  # noqa: E402


def write_vectors(folder: Path) -> None:
    """Vectors of all phrases by the encoder in `folder`, and the hashes of what belongs together."""
    write(folder, [phrase.text for phrase in read_phrases(Home.from_env())])
    names = ("encoder.onnx", "tokenizer.json", FILE)
    sums = (f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    (folder / "SHA256SUMS").write_text("".join(sums))


if __name__ == "__main__":
    write_vectors(HERE)
