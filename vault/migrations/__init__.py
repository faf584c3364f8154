"""The schema's steps, in order. An applied file is never edited; the release before still works.

A new step: declare its tables as a snapshot, hand them to `steps.create`, and let the test that
compares the result with the metadata say what is missing.
"""
