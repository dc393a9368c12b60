"""What every process that we start finds in its environment."""

from __future__ import annotations

import os

from prp_guide.home import Home

# Rasa reports nothing to its makers, and no library takes more than one thread: more are slower where three processes
# answer on two cores.
_QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    # At DEBUG Rasa and its SDK log every message and every slot.
    "LOG_LEVEL": "INFO",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "SQLALCHEMY_WARN_20": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONWARNINGS": "ignore",
    "SANIC_WORKERS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "MALLOC_ARENA_MAX": "2",  # threads share what they have freed: 25 MB less a process
}


_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def environment(home: Home, *, threads: int = 1, **more: str) -> dict[str, str]:
    """This process's environment, quiet, with the folders of `home` named, for so many `threads`, and `more`."""
    limits = dict.fromkeys(_THREADS, str(threads))
    return {**os.environ, **_QUIET, **limits, "PRP_ROOT": str(home.root), "PRP_HOME": str(home.state), **more}
