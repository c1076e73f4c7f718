"""What others published (schemas, real messages): beside the project and never in it.

It is looked for in `shared/reference` beside a folder above; what reads it is skipped without it.
"""

from pathlib import Path


def folder(name: str) -> Path:
    """Where it is; a folder that is not there when it is nowhere."""
    above = (parent / "shared/reference" / name for parent in Path(__file__).resolve().parents)
    return next((each for each in above if each.is_dir()), Path("shared/reference") / name)
