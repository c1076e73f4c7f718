"""The rules of PDF/A-3a and of PDF/UA-1, asked one by one of a file.

veraPDF publishes them as two profiles, 155 and 106 rules, each an expression over an object of the
file. Here each is a predicate over pikepdf, fontTools and asn1crypto: what the rule asks is told in
our own words. `python -m bench.conformity FILE.pdf…` asks them of files, and without a file writes
`docs/conformite-pdf.md` from our papers.
"""

from bench.conformity import fonts, graphics, interactive, metadata, structure, syntax  # noqa: F401 each brings its rules
from bench.conformity.model import File
from bench.conformity.rules import RULES, Answer, Rule, ask

__all__ = ["RULES", "Answer", "File", "Rule", "ask"]
