"""The steps from an empty database to the newest schema; `python -m server.store.migrations "what changes"` writes the next."""
