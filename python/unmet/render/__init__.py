"""Strings from results: text for people (`text`), JSON for machines (`json`). Renderers decide nothing."""
