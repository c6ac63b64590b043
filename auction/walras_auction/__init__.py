"""The house: the stages of a round, in the order of ``rounds.py``, over ports that ``infra`` implements."""
