"""The HTTP routes, one file per subject: read the request, call the engine or the store, answer. No logic."""
