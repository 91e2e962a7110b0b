"""Strings from results; renderers decide nothing.

```
wording     the words that the forms share
asking      the words of what is open: answers and questions
nodes       the criteria of a line as trees
drawn       what is printed: texts, trees, parts; drawn plainly where no terminal is
coloured    the same drawn by rich, in colours on a terminal
text        determinations and diagnostics for people
outlines    policies for the same
explained   explanations for the same
noticed     the words of a notice
markdown    a notice as Markdown
json        everything for machines
html        an explanation or a notice as one page, over `templates/`
```
"""
