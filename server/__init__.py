"""The command line, the store and, above them, the service."""
