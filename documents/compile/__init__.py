"""From the tables to a paper: the only modules that read the database to make one.

Everything that can be counted is computed here from the ledger, and every sentence is finished
here, by `law.sentences` or from the words of the body: the templates only set them.
"""

from documents.compile.acts import (
    Enforceable,
    compile_deliberation_list,
    compile_extract,
    compile_extracts,
)
from documents.compile.convening import compile_notes, compile_summons
from documents.compile.minutes import compile_minutes
from documents.compile.register import (
    BY_DATE,
    BY_OBJECT,
    Entered,
    compile_register_opening,
    compile_register_table,
    compile_signature_sheet,
    compile_sitting_closing,
)
from documents.compile.room import (
    compile_attendance_sheet,
    compile_name_plates,
    compile_voting_sheets,
)
from documents.compile.sending import (
    Dispatched,
    compile_dispatch_certificate,
    compile_labels,
    compile_letters,
    compile_proxy_form,
)
from documents.compile.shared import issuer, picture_of, prepared, said

__all__ = [
    "BY_DATE",
    "BY_OBJECT",
    "Dispatched",
    "Enforceable",
    "Entered",
    "compile_attendance_sheet",
    "compile_deliberation_list",
    "compile_dispatch_certificate",
    "compile_extract",
    "compile_extracts",
    "compile_labels",
    "compile_letters",
    "compile_minutes",
    "compile_name_plates",
    "compile_notes",
    "compile_proxy_form",
    "compile_register_opening",
    "compile_register_table",
    "compile_signature_sheet",
    "compile_sitting_closing",
    "compile_summons",
    "compile_voting_sheets",
    "issuer",
    "picture_of",
    "prepared",
    "said",
]
