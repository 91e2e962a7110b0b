"""The determination of a request: the governing version, verdict and statuses of every line, and what they rest on.

```
governing   which version decides a line
decision    one line, or one level of it, under one version
apart       level of care, days, population, warnings
lines       a line as a whole
request     all lines together
```
"""

from unmet.determine.decision import Decision
from unmet.determine.governing import governing
from unmet.determine.request import determine, request_outcome, verdict

__all__ = ["Decision", "determine", "governing", "request_outcome", "verdict"]
