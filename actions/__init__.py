"""Rasa's action server: the callback form, a thin layer over prp_guide.frontdesk."""
