"""`manage.py signing_keys`: the keys of each organisation, and the files that are nobody’s."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from law import french
from members.models import Person
from registry.keyring import reading
from registry.models import SigningKey
from registry.signatures import keys


class Command(BaseCommand):
    help = "Liste les clés rattachées, et les fichiers de SIGNING_DIR qui ne sont à personne."

    def handle(self, **options) -> None:
        bound = SigningKey.objects.bound().filter(revoked_at=None)
        taken = {key.fingerprint: key for key in bound.select_related("person", "organisation")}
        files = keys.files()
        persons = tuple(Person.objects.select_related("organisation"))
        for file in files:
            certificate = file.certificate
            if certificate is None:
                self.stdout.write(f"{file.name}\u00a0: ne s’ouvre pas avec SIGNING_PASSPHRASE.")
                continue
            key = taken.get(certificate.fingerprint)
            whose = f"rattachée, {key.holder}" if key else "à personne"
            until = french.long_date(timezone.localdate(certificate.valid_until))
            self.stdout.write(f"{file.name}\u00a0: {whose}.")
            self.stdout.write(f"  {certificate.subject}\u00a0; jusqu’au {until}")
            self.stdout.write(f"  {certificate.fingerprint}")
            for person in () if key else reading.namesakes(certificate, persons):
                self.stdout.write(
                    f"  au nom de {person} ({person.organisation})\u00a0: à confirmer"
                )
        if not files:
            self.stdout.write("Aucun fichier .p12 dans SIGNING_DIR.")
        else:
            self.stdout.write("Une clé se rattache à la page «\u00a0Clés de signature\u00a0».")
