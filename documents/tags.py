"""The structure of tagged PDFs, which says what is read and in which order: how that of one file is
hung into another (ISO 32000-1, 14.7)."""

from collections.abc import Iterator, Sequence
from typing import Any


def graft(
    target: Any, opened: Any, copies: Sequence[Any], section: Any, numbers: dict[int, Any]
) -> None:
    """Hang the structure of a file under a section of the target that its pages were copied to.

    `numbers` is the tree that leads from pages to their structure: see `number`. A file whose
    structure cannot be read is left without any.
    """
    import pikepdf

    source = opened.Root.get("/StructTreeRoot")
    try:
        if source is not None and "/K" in source and "/ParentTree" in source:
            copied = copy_in(target, opened, source)
            kids = copied.K if isinstance(copied.K, pikepdf.Array) else [copied.K]
            entries = dict(pikepdf.NumberTree(copied.ParentTree).items())
            following = max(numbers, default=-1) + 1
            for holder, key in _tagged(copies):
                known = entries.get(int(holder[key]))
                if known is None:
                    del holder[key]
                    continue
                numbers[following] = known
                holder[key] = following
                following += 1
            for kid in kids:
                kid.P = section
                section.K.append(kid)
            root = target.Root.StructTreeRoot
            _merge(root, copied, "/RoleMap")
            _merge(root, copied, "/ClassMap")
    except Exception:  # whatever a broken structure makes the reader raise
        # The file is bound without its tags.
        for holder, key in _tagged(copies):
            del holder[key]


def number(root: Any, numbers: dict[int, Any]) -> None:
    """Write the tree that leads from pages to their structure."""
    import pikepdf

    root.ParentTree.Nums = pikepdf.Array(
        [part for key in sorted(numbers) for part in (key, numbers[key])]
    )
    root.ParentTreeNextKey = max(numbers, default=-1) + 1


def pairs(numbers: Any) -> dict[int, Any]:
    """Key → value, of a number tree of one level."""
    return {int(numbers[rank]): numbers[rank + 1] for rank in range(0, len(numbers), 2)}


def _tagged(copies: Sequence[Any]) -> Iterator[tuple[Any, str]]:
    """The pages and annotations that say where they stand in the structure."""
    for copy in copies:
        if "/StructParents" in copy:
            yield copy, "/StructParents"
        for annotation in copy.get("/Annots", []):
            if "/StructParent" in annotation:
                yield annotation, "/StructParent"


def _merge(root: Any, copied: Any, key: str) -> None:
    """Names that the file gives to its own tags, beside those of the files before it."""
    import pikepdf

    if key in copied:
        ours = root.get(key, pikepdf.Dictionary())
        for name, value in copied[key].items():
            if name not in ours:
                ours[name] = value
        root[key] = ours


def copy_in(target: Any, opened: Any, value: Any) -> Any:
    """An object of the opened file, in the target."""
    return target.copy_foreign(value if value.is_indirect else opened.make_indirect(value))
