"""The commands of ``walras``, a file a theme."""
