"""What every process that we start finds in its environment."""

from __future__ import annotations

import os

from prp_guide.home import Home

# Rasa reports nothing to its makers, and no library takes more than one thread: more are slower here.
_QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "SQLALCHEMY_WARN_20": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONWARNINGS": "ignore",
    "SANIC_WORKERS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def environment(home: Home, **more: str) -> dict[str, str]:
    """This process's environment, quiet and with the folders of `home` named, and `more`."""
    return {**os.environ, **_QUIET, "PRP_ROOT": str(home.root), "PRP_HOME": str(home.state), **more}
