"""Cases and requests as symbols, and answers from them: the only package that knows how things are written as terms.

```
terms    entities, values and findings as terms
domain   the worlds of a program, and a case laid over them
request  the lines of a request, for the request rules
answers  statuses, outcomes and reads from a program's atoms
```

Facts are symbols, never pasted text, so that nothing a case says can be read as a program.
"""
