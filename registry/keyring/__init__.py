"""Whose key it is: binding a certificate to who signs with it, revoking it, and its pages."""
