"""The one error that the commands print without a traceback."""


class RecipeError(Exception):
    """One clear sentence for the person at the shell: what is wrong and what to do."""
