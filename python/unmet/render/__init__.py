"""Strings from results; renderers decide nothing.

```
wording     the words that the forms share
asking      the words of what is open: answers and questions
nodes       the criteria of a line as trees
text        determinations, policies and tests for people at a terminal
explained   explanations for the same
noticed     the words of a notice
markdown    a notice as Markdown
json        everything for machines
html        an explanation or a notice as one page, over `templates/`
```
"""
