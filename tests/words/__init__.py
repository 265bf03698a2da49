"""Sentences, languages and catalogues."""
