"""From the tables to a paper: the only modules that read the database to make one.

Everything that can be counted is computed here from the ledger, and every sentence is finished
here, by `law.sentences` or from the words of the body: the templates only set them.
"""

from documents.compile.convening import compile_notes, compile_summons, prepared
from documents.compile.minutes import compile_minutes
from documents.compile.shared import issuer, said

__all__ = ["compile_minutes", "compile_notes", "compile_summons", "issuer", "prepared", "said"]
