"""Crystals from databases: OPTIMADE, COD, the Materials Project, files of the web, earlier runs.

An address such as ``optimade:cod?filter=elements HAS "C"`` stands wherever a file may; see
`addresses.py`. Crystals come one by one, downloads are kept and gone on with, and what a server
cannot give is one `Unreadable` with its reason.
"""
