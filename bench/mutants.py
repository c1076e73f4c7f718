"""Mutation testing of one module of the law: does a test fail when a rule is falsified?

python bench/mutants.py law/quorum.py [pytest options…]

Each mutant changes one thing (a comparison, a bound, a condition, a number, a word…) and runs
`tests/law/test_<module>.py`, and the files where other cases of the module stand (`ALSO`). They
need no database, and run in a fork of this process: the file on the disk is never touched.
Whatever no test notices is printed. See docs/mutants.md.
"""

import ast
import copy
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType

import pytest

OPTIONS = "-x -q --noconftest --assert=plain -c /dev/null --rootdir . -p no:cacheprovider".split()
MEMORY = 2**31  # bytes; a loop that never ends must not fill the machine

# The cases of a module that stand in another file than its own.
ALSO = {
    "quorum": ("college",),
    "ballots": ("requests",),
    "voting": ("ballots", "requests", "college"),
    "wording": ("sentences", "requests", "college"),
    "people": ("annulment", "checks", "live", "requests", "continued"),
    "items": ("annulment", "checks", "live", "requests", "college"),
    "votes": ("annulment", "checks", "live", "requests", "college", "continued"),
    "guard": ("annulment", "checks", "live", "college"),
    "docket": ("annulment",),
    "regime": ("annulment",),
    "hours": ("checks", "live"),
    "reader": ("checks", "live"),
    "judgement": ("checks", "live", "continued"),
    "review": ("annulment", "checks"),
    "sitting": ("codec", "live", "college", "requests", "checks", "annulment", "continued"),
}

UNTOUCHED = {"annotation", "returns", "decorator_list"}
COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
CALLED = {"max": "min", "min": "max", "any": "all", "all": "any"}


# --- Faults ---------------------------------------------------------------------------------


def faults(node: ast.AST) -> Iterator[ast.AST]:
    """What can be put in the place of one node."""
    match node:
        case ast.Compare():
            for rank, operator in enumerate(node.ops):
                for other in COMPARED[type(operator)]:
                    yield but(node, ops=[*node.ops[:rank], other(), *node.ops[rank + 1 :]])
        case ast.BoolOp():
            yield but(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
            if len(node.values) == 2:
                yield from node.values
            else:
                yield from shortened(node, "values")
        case ast.BinOp():
            yield but(node, op=COMPUTED[type(node.op)]())
        case ast.AugAssign():
            yield but(node, op=COMPUTED[type(node.op)]())
            yield ast.Pass()
        case ast.Expr():
            yield ast.Pass()
        case ast.UnaryOp():
            yield node.operand
        case ast.If() | ast.While() | ast.IfExp():
            yield but(node, test=ast.UnaryOp(ast.Not(), node.test))
        case ast.comprehension():
            yield from shortened(node, "ifs")
        case ast.Slice():
            for bound in ("lower", "upper"):
                if getattr(node, bound):
                    yield but(node, **{bound: None})
        case ast.Call():
            yield from shortened(node, "keywords")
            if isinstance(node.func, ast.Name) and node.func.id in CALLED:
                yield but(node, func=ast.Name(CALLED[node.func.id], ast.Load()))
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() as value):
            yield ast.Constant(value + 1)
        case ast.Constant(str() as value):
            yield ast.Constant(f"XX{value}XX")
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()


def but(node: ast.AST, **fields: object) -> ast.AST:
    """The same node, except these fields."""
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def shortened(node: ast.AST, field: str) -> Iterator[ast.AST]:
    """The same node with one condition, filter or argument forgotten."""
    parts = getattr(node, field)
    for rank in range(len(parts)):
        yield but(node, **{field: parts[:rank] + parts[rank + 1 :]})


def is_for_readers(node: ast.AST) -> bool:
    """A docstring, or an import that only types need."""
    match node:
        case ast.Expr(ast.Constant(str())) | ast.If(ast.Name("TYPE_CHECKING")):
            return True
    return False


def mutants(source: str) -> Iterator[tuple[str, CodeType]]:
    """Each fault in words, and the module that has it."""
    tree = ast.parse(source)

    def visit(parent: ast.AST, line: int) -> Iterator[tuple[str, CodeType]]:
        for field, value in ast.iter_fields(parent):
            several = value if isinstance(value, list) else None
            for rank, node in enumerate([value] if several is None else several):
                if not isinstance(node, ast.AST) or is_for_readers(node) or field in UNTOUCHED:
                    continue
                line = getattr(node, "lineno", line)
                for fault in faults(node):
                    ast.copy_location(fault, node)
                    if several is None:
                        setattr(parent, field, fault)
                    else:
                        several[rank] = fault
                    code = compile(ast.fix_missing_locations(tree), "mutant", "exec")
                    yield f"{line}: {told(node, fault)}", code
                if several is None:
                    setattr(parent, field, node)
                else:
                    several[rank] = node
                yield from visit(node, line)

    return visit(tree, 0)


def told(node: ast.AST, fault: ast.AST) -> str:
    """What was there and what is, cut around the change."""
    before, after = words(node), words(fault)
    pairs = enumerate(zip(before, after, strict=False))
    start = max(0, next((rank for rank, (one, other) in pairs if one != other), 0) - 40)
    return f"{before[start:][:100]}  →  {after[start:][:100]}"


def words(node: ast.AST) -> str:
    if isinstance(node, ast.If | ast.While):
        node = node.test
    return " ".join(ast.unparse(node).split())


# --- Trials ---------------------------------------------------------------------------------


class Planted(MetaPathFinder, Loader):
    """Gives the mutant to whoever imports the module."""

    def __init__(self, name: str, code: CodeType) -> None:
        self.name, self.code = name, code

    def find_spec(self, fullname: str, *_where: object) -> ModuleSpec | None:
        return spec_from_loader(fullname, self) if fullname == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)  # noqa: S102 - our own source, one fault apart


def survives(name: str, code: CodeType, options: list[str], seconds: int) -> bool:
    """Whether the tests, in a process of their own, notice nothing."""
    if child := os.fork():
        return os.waitpid(child, 0)[1] == 0
    signal.alarm(seconds)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    sys.meta_path.insert(0, Planted(name, code))
    os._exit(pytest.main(options))


def main(path: str, *options: str) -> None:
    module = Path(path)
    name = ".".join(module.with_suffix("").parts)
    source = module.read_text()
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    files = [
        Path("tests/law", f"test_{each}.py") for each in (module.stem, *ALSO.get(module.stem, ()))
    ]
    trial = [*OPTIONS, *(str(file) for file in files if file.exists()), *options]
    began = time.perf_counter()
    if not survives(name, compile(source, path, "exec"), trial, 600):
        sys.exit(f"{path}: the tests fail without any fault.")
    limit = 10 + int(5 * (time.perf_counter() - began))
    total = killed = 0
    for fault, code in mutants(source):
        total += 1
        if survives(name, code, trial, limit):
            print(f"{path}:{fault}", flush=True)
        else:
            killed += 1
    print(f"{path}: {killed} of {total} mutants killed, {killed / total:.1%}")


if __name__ == "__main__":
    main(*sys.argv[1:])
