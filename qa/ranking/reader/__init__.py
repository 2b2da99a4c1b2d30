"""The learned ranker: a small encoder reads the question with the best few passages and scores their sentences.

Its weights, ``weights.npz``, are made by ``python -m eval.training.reader``, and so is ``weights.json``, which says how
its scores become probabilities. ``QA_RANKER=reader:PATH`` takes both from elsewhere.
"""
