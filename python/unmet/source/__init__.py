"""One `.lp` file through clingo's own parser: grammar, outline, polarity, cut points, and places for messages.

```
syntax       the parser, terms, clingo's messages
statements   the facts a file may state, one table for each kind of file
sorts        what a variable stands for
contents     what a rule body says, as data
readings     literals that read findings       ┐
comparisons  comparisons                       ├ the reader of a body
body         all other literals                ┘
words        vocabulary files, with formulas (their rules)
rules        policy files: draft (as read), checks, joins (the file as a whole), reads (what leaves rest on), assemble
coding       the coding file: facts that relate lines
again        the statements of a text that was read before
copying      statements a second time, under other names
variants     rules left out of a policy, beside it
written      the rules of a criterion as they are written
```
"""

from unmet.source.coding import read_coding
from unmet.source.rules import ParsedPolicy, read_policy
from unmet.source.syntax import Report
from unmet.source.words import ParsedVocabulary, read_vocabulary

__all__ = ["ParsedPolicy", "ParsedVocabulary", "Report", "read_coding", "read_policy", "read_vocabulary"]
