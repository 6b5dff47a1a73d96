"""Ask from a script, with a callback for each piece of text: python collect.py "Which question?" [MODEL]."""

import sys

import penstock


def show(text: str) -> None:
    """Print a piece of the answer."""
    print(text, end="", flush=True)


def report(answer: penstock.Answer) -> None:
    """Print what the answer took."""
    tokens = answer.usage.output if answer.usage else "?"
    cost = f"${answer.cost.usd:.6f}" if answer.cost and answer.cost.usd is not None else "unknown price"
    first = answer.timings.first_token_ms if answer.timings else None
    print(f"\n[{answer.finish_reason}, {tokens} tokens, {cost}, first after {first} ms]", file=sys.stderr)


def complain(error: penstock.AnswerError) -> None:
    """Say why the answer is not whole; what there is of it is kept in the error."""
    print(f"\n[{error.code} after {len(error.answer.text)} characters] {error.message}", file=sys.stderr)


def main(question: str = "show markdown", model: str | None = None) -> int:
    """Ask."""
    try:
        penstock.collect_sync(question, model=model, on_token=show, on_complete=report, on_error=complain)
    except penstock.PenstockError as error:
        if not isinstance(error, penstock.AnswerError):
            print(error.message, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
