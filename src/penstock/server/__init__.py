"""The app: one server process, from settings to sockets. ``app.py`` is the composition root."""
