"""Why, exactly, and what would change it: the beginnings. Neither the facade nor the command line offers it yet.

Reasons, corrections, answers and supporting sets agree with brute force on small generated policies
(tests/test_explain.py). Fixes were compared only a few times; what must be documented after a fix is not computed;
enumerations that stop at a cap say so.

```
features   what a denial is made of, and the independent blocks of approval
denial     reasons, corrections and fixes of a line that is not approved
change     one member of a fix, with an example that realizes it
opening    answers and questions of a pended line
support    what carries an approval
readings   whether another reading changes the verdict
groups     which parts of an unmet group fail, and which would suffice
line       all of it, line by line
```
"""

from unmet.explain.line import explain

__all__ = ["explain"]
