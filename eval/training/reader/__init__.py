"""The passage reader: how it is trained, measured and packed; ``python -m eval.training.reader`` is its command.

For a question and a passage it scores every sentence: log-odds that this sentence answers, against nothing answering.
Only ``model``, ``train``, ``evaluate`` and ``pack`` need torch: ``pip install -e '.[train]'``.
"""
