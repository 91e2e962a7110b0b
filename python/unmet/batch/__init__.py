"""The answer of the single-case engine for millions of cases: tables in, tables out (docs/batch.md).

```
layout    which column says what          plan      what is computed of packed bit vectors, step by step
lexicon   what raw values say, read once  judge     a block's rows by circuits, or by the solver
columns   what each row says              answers   statuses, what drives a denial
dates     what follows from two dates     scenes    single rows for the single-case engine
block     rows as cases                   decide    tables in, tables out
vectors   the inputs of the circuits      impact    two versions over the same rows
arrays    Arrow columns as numpy arrays   report    counts that add up
files     tables in files, cut into spans output    answers in files
lines     lines of JSON as tables         pool      spans worked at by several processes
sound     damaged columns                 run       from file to file, in parts
```

A table is read into answers and those into bit vectors; `unmet.circuits` makes circuits of a policy's ground rules;
`decide` brings them together. numpy and pyarrow come with `pip install 'unmet[batch]'`.
"""

try:
    import numpy  # noqa: F401
    import pyarrow  # noqa: F401
except ImportError as error:
    raise ImportError(
        "batches need numpy and pyarrow; install them with `pip install 'unmet[batch]'`", name=error.name
    ) from error
