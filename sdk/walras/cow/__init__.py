"""The CoW solver-engine protocol: its messages, and the translation to and from batches and solutions of Walras.

``serve`` side: :mod:`walras.cow.service` answers ``POST /solve`` with any installed engine. ``invite`` side:
:mod:`walras.cow.asking` and :mod:`walras.cow.hearing` turn a batch into a request and its response into an answer.
Source: the message types of cowprotocol/services (``crates/solvers-dto``); see ``docs/cow.md`` for what differs.
"""
