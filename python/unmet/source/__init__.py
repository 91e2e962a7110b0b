"""One `.lp` file through clingo's own parser: grammar, outline, polarity, cut points, and places for messages.

```
syntax      the parser, terms, clingo's messages
statements  the facts a file may state, one table for each kind of file
body        the body of one rule, held against the vocabulary
words       a vocabulary file
coding      the coding file: facts that relate lines
rules       a policy file, with checks (the file as a whole) and reads (which findings a leaf rests on)
```
"""

from unmet.source.coding import read_coding
from unmet.source.rules import PolicySource, read_policy
from unmet.source.syntax import Report
from unmet.source.words import VocabularySource, read_vocabulary

__all__ = ["PolicySource", "Report", "VocabularySource", "read_coding", "read_policy", "read_vocabulary"]
