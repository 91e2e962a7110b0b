"""The answer of the single-case engine for millions of cases: tables in, tables out (docs/batch.md).

```
layout    which column says what          formula   formulas over what a case leaves open
columns   what each row says              compile   the ground rules as formulas
dates     what follows from two dates     exact     formulas as circuits that say what is possible
block     rows as cases                   circuit   gates over packed bit vectors
vectors   the inputs of the circuits      judge     a block's rows by circuits, or by the solver
answers   statuses, what drives a denial      scenes    single rows for the single-case engine
decide    tables in, tables out           files     tables in files, cut into spans
impact    two versions over the same rows output    answers in files
report    counts that add up              run       from file to file, in parts
arrays    Arrow columns as numpy arrays
```

A table is read into answers and those into bit vectors; a policy's ground rules become formulas and those become
circuits; `decide` brings them together. numpy and pyarrow come with `pip install 'unmet[batch]'`.
"""

try:
    import numpy  # noqa: F401
    import pyarrow  # noqa: F401
except ImportError as error:
    raise ImportError(
        "batches need numpy and pyarrow; install them with `pip install 'unmet[batch]'`", name=error.name
    ) from error
