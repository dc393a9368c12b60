"""PRP Guide: a clinic's chat assistant for questions about PRP therapy for hair loss."""

__version__ = "0.1.0"
