"""The messages of @CTES, pure: bytes in, values out, and back. No database, no web, no clock.

    naming           what an act and each of its files is called
    messages         an act, its withdrawal, an answer: values made XML, as actesv1_1.xsd wants it
    envelope         the archive that carries messages and files, written and opened
    answers          what the prefecture answers: acknowledgment, anomaly, letter, referral
    classification   the matters and kinds of files of a prefecture
    proposing        a matter, from the words of a title
    markup           XML that comes from outside: bounded, without entities

What is read is never believed to be well made: a file that is not what it should be is refused in
French, and says how to mend it (`law.findings.Refused`).
"""
