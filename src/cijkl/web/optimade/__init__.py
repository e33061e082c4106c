"""A store as a database of OPTIMADE, by version 1.2 of its specification (www.optimade.org).

`fields` says what an entry has and how SQL finds it, `filters` turns filters into SQL, `entries`
makes entries of rows, `answers` wraps them, `info` tells what there is.
"""
