"""What is possible in the worlds of any case, compiled from a policy's ground rules once (docs/design.md).

```
rules      ground rules as formulas over what a case leaves open
formula    formulas, each kept once
exact      formulas as gates that say what is possible
gates      the gates
compiled   a policy's formulas as gates of one circuit
straight   gates as one function of a single case
cases      a single case as its arguments
```
"""
