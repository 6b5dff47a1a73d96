"""Stream one answer through the gateway with OpenAI's library: python chat.py "Which question?" [MODEL]."""

import os
import sys

import openai

client = openai.OpenAI(
    base_url=os.environ.get("PENSTOCK_URL", "http://127.0.0.1:8000") + "/v1",
    api_key=os.environ.get("PENSTOCK_API_KEY", "none"),
)


def main(question: str = "show markdown", model: str | None = None) -> None:
    """Print the answer as it comes."""
    stream = client.chat.completions.create(
        model=model or client.models.list().data[0].id,
        messages=[{"role": "user", "content": question}],
        stream=True,
        stream_options={"include_usage": True},
    )
    for chunk in stream:
        for choice in chunk.choices:
            print(choice.delta.content or "", end="", flush=True)
            if choice.finish_reason:
                print(f"\n[{choice.finish_reason}]", file=sys.stderr)
        if chunk.usage:
            print(f"[{chunk.usage.completion_tokens} tokens]", file=sys.stderr)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:3])
    except openai.APIError as error:
        # An answer that broke off is an error here, whatever came before it.
        sys.exit(f"\n{error.message}")
