"""Words for people: sentences that know how they are said in other languages (decision 27).

`_("Enter your username.")` in code and templates is the English sentence; a page or a mail says it
in the language of its reader. `catalogues/` holds the translations; `make words` renews them.
"""
