"""Recorded streams of real services, when they are beside the checkout."""

from __future__ import annotations

import pytest

from support.spec_cases import SPEC

FOLDER = SPEC.parents[1] / "shared" / "captures"
RECORDINGS = (
    "azure-chat-2024-02-01-basic",
    "azure-chat-model-router",
    "azure-chat-tool-calls",
    "azure-chat-usage-short",
    "azure-docs-async-filter-blocked",
    "deepseek-cumulative-usage",
    "deepseek-reasoning-content",
    "groq-midstream-error-event",
    "mistral-chat-basic",
    "openai-chat-cached-tokens-length",
    "openai-chat-parallel-tools",
    "openrouter-comments-error-finish",
    "vllm-completions-length",
)
needs_recordings = pytest.mark.skipif(not FOLDER.is_dir(), reason="no recorded streams beside the checkout")


def load_recording(name: str) -> bytes:
    """Give a stream as it was recorded."""
    return (FOLDER / f"{name}.sse").read_bytes()
