"""Strings from results; renderers decide nothing.

```
wording     the words that the forms share
nodes       the criteria of a line as trees
text        determinations, policies and tests for people at a terminal
explained   explanations for the same
json        everything for machines
html        explanations as one page, over `templates/`
```
"""
