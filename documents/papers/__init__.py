"""Papers as values: what is printed, all of it, and nothing else.

A paper is compiled once (`documents.compile`), frozen, stored as JSON and set in ink by a template
that sees nothing but the paper. Whatever a reader of the paper can read is a field here: sentences
are finished, dates are written out, names are agreed. Rendering therefore queries nothing, and a
print made in ten years from the JSON is the print of today.

The JSON is canonical (keys sorted, no space, everything written, defaults included), so that its
SHA-256 identifies the paper. `from_json` reads every schema version that was ever issued: a change
of a paper's fields raises its `schema`, adds a step to `codec._UPGRADES` and a golden file to the
tests.
"""

from documents.papers.acts import (
    ActText,
    Article,
    DeliberationExtract,
    DeliberationList,
    Issuable,
    IssuedAct,
    ListedDeliberation,
    Presence,
)
from documents.papers.codec import KINDS, from_json, sha256, to_json
from documents.papers.convening import (
    AgendaLine,
    Enclosure,
    NoteDocument,
    SummonsDocument,
    changes_between,
)
from documents.papers.minutes import (
    BULLET,
    College,
    Count,
    Item,
    MinutesDocument,
    QuorumStatement,
    RollLine,
    Step,
    VoteGroup,
    grouped,
)
from documents.papers.parts import (
    Fact,
    Figure,
    Issuer,
    Paper,
    Reworded,
    Run,
    Signatory,
    Style,
    Verification,
)
from documents.papers.register import (
    ClosingLine,
    RegisterOpening,
    RegisterTable,
    SignatureSheetDocument,
    SittingClosing,
    TableGroup,
    TableLine,
)
from documents.papers.room import (
    AttendanceSheetDocument,
    NamePlatesDocument,
    Plate,
    SheetCollege,
    SheetLine,
    Voter,
    VotingCollege,
    VotingItem,
    VotingSheetDocument,
)
from documents.papers.sending import (
    Addressee,
    DispatchCertificateDocument,
    DispatchLine,
    LabelsDocument,
    LettersDocument,
    ProxyFormDocument,
)

__all__ = [
    "BULLET",
    "KINDS",
    "ActText",
    "Addressee",
    "AgendaLine",
    "Article",
    "AttendanceSheetDocument",
    "ClosingLine",
    "College",
    "Count",
    "DeliberationExtract",
    "DeliberationList",
    "DispatchCertificateDocument",
    "DispatchLine",
    "Enclosure",
    "Fact",
    "Figure",
    "Issuable",
    "IssuedAct",
    "Issuer",
    "Item",
    "LabelsDocument",
    "LettersDocument",
    "ListedDeliberation",
    "MinutesDocument",
    "NamePlatesDocument",
    "NoteDocument",
    "Paper",
    "Plate",
    "Presence",
    "ProxyFormDocument",
    "QuorumStatement",
    "RegisterOpening",
    "RegisterTable",
    "Reworded",
    "RollLine",
    "Run",
    "SheetCollege",
    "SheetLine",
    "Signatory",
    "SignatureSheetDocument",
    "SittingClosing",
    "Step",
    "Style",
    "SummonsDocument",
    "TableGroup",
    "TableLine",
    "Verification",
    "VoteGroup",
    "Voter",
    "VotingCollege",
    "VotingItem",
    "VotingSheetDocument",
    "changes_between",
    "from_json",
    "grouped",
    "sha256",
    "to_json",
]
