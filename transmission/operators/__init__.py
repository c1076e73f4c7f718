"""The account of an organisation with a service that carries its acts, and what is done with it.

`safe` has its secrets, `clients` the client it speaks by, `packing` what leaves; `carrying` is the
duty of the server: it sends, follows, fetches; `letters` what the prefecture writes; `choosing`
what a person decides where the machine does not.
"""
