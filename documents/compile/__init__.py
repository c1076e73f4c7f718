# ruff: noqa: F403
"""From the tables to a paper: the only modules that read the database to make one.

Everything that can be counted is computed here from the ledger, and every sentence is finished
here, by `law.sentences` or from the words of the body: the templates only set them.
"""

from documents.compile.acts import *
from documents.compile.alone import *
from documents.compile.convening import *
from documents.compile.minutes import *
from documents.compile.online import *
from documents.compile.register import *
from documents.compile.room import *
from documents.compile.sending import *
from documents.compile.shared import *
from documents.compile.year import *
