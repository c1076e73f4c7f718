"""May this be told (`judgement`), and does what was told deserve a look (`review`)?

Each chapter judges some kinds of events, one function for each kind: who sits and what becomes of
it (`people`), the items (`items`), the votes (`votes`), how a sitting begins and ends (`hours`),
what one decides alone (`alone`).
"""
