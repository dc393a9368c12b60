"""The clinic's own page: fetched, read as text, and held against the facts, by command or once a day."""
