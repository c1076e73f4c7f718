# ruff: noqa: F403
"""Papers as values: what is printed, all of it, and nothing else.

A paper is compiled once (`documents.compile`), frozen, stored as JSON and set in ink by a template
that sees nothing but the paper. Whatever a reader of the paper can read is a field here: sentences
are finished, dates are written out, names are agreed. Rendering therefore queries nothing, and a
print made in ten years from the JSON is the print of today.

A new kind of paper is a class in one of these modules, which declares what sets it, a function of
`documents.compile` and a template: see `parts.Paper`.

The JSON is canonical (keys sorted, no space, everything written, defaults included), so that its
SHA-256 identifies the paper. `from_json` reads every schema version that was ever issued: a field
that older papers lack is `parts.OMITTED`; another change raises the `schema` of the paper, and
`from_json` turns the older ones into it.
"""

from documents.papers.acts import *
from documents.papers.codec import from_json as from_json
from documents.papers.codec import sha256 as sha256
from documents.papers.codec import to_json as to_json
from documents.papers.convening import *
from documents.papers.minutes import *
from documents.papers.online import *
from documents.papers.parts import *
from documents.papers.register import *
from documents.papers.room import *
from documents.papers.sending import *
from documents.papers.year import *
