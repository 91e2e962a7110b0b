"""Why, exactly, and what would change it (docs/semantics.md, "Why").

```
features   what a denial is made of: criteria with their statuses, and what the case holds
approval   what approval takes, and the independent blocks into which it falls
families   all minimal reasons, corrections and fixes of a block
part       what one block contributes to a denial
denial     the answer for a line that is not approved
nearby     worlds near to a case, for examples
change     one member of a fix, with an example that realizes it
after      what must still be documented after a fix
answers    what could be said of open findings
forcing    the minimal sets of answers that force something
settling   answers that settle approval, block by block
opening    the answer for a pended line
support    what carries an approval
readings   whether another reading changes the verdict
groups     which parts of an unmet group fail, and which would suffice
products   one alternative of each of several parts, lightest first
line       all of it, line by line
```
"""

from unmet.explain.denial import every_fix
from unmet.explain.line import explain

__all__ = ["every_fix", "explain"]
