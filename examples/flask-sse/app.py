"""One route that streams, and a page that reads it: flask run, or any WSGI server."""

from pathlib import Path

from flask import Flask, Response, request, send_file

import penstock
from penstock.integrations.flask import StreamingAnswer

client = penstock.SyncClient()
app = Flask(__name__)


@app.post("/ask")
def ask() -> Response:
    """Stream the answer; when the page goes or aborts, the call to the model is closed."""
    question = str(request.get_json()["text"])
    return StreamingAnswer(client.stream(question, system_prompt="Answer in a few sentences."))


@app.get("/")
def page() -> Response:
    """Give the page."""
    return send_file(Path(__file__).with_name("index.html"))
