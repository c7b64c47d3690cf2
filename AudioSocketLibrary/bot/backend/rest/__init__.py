"""REST and WebSocket. Only ``app.py`` knows all of it."""
