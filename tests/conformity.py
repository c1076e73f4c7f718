"""That a file keeps every rule of PDF/A-3a and PDF/UA-1, as `bench.conformity` asks them."""

from bench import conformity


def broken(pdf: bytes) -> dict[str, tuple[str, ...]]:
    """The rules that a file breaks, and how."""
    answers = conformity.ask(conformity.File(pdf))
    return {answer.rule.name: answer.faults[:5] for answer in answers if answer.faults}


def check(pdf: bytes) -> None:
    """It breaks none."""
    assert broken(pdf) == {}
