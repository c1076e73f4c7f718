"""The pages of a sitting, by chapter: fetch, form, verb, answer."""
