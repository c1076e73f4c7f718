"""Where acts go: services that carry them to the prefecture, each spoken to by a pure client.

`asking` is one question and its answer; `parcels` what goes and what comes back; `s2low` and
`pastell` are the two services. Nothing here knows Django, nor any table.
"""
