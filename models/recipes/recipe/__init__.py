"""Recipes that turn SAM-family checkpoints into model packs; `export.py` and `goldens.py` are the commands."""
