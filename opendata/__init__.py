"""Open data: what was published, as machines read it (SCDL, OParl, Akoma Ntoso, DCAT).

Everything here is read in the files that are online, and in nothing else: see `readings`.
"""
