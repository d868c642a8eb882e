"""The service's JSON API: parse, call, return. What may be asked is `server.api.registry`; nothing else is answered."""
