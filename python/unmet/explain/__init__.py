"""Why, exactly, and what would change it.

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
