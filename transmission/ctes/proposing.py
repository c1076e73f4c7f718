"""A matter, and the kind of a joined file, proposed from the words of a title: the secretariat
confirms it, or takes another.

One list, read from the top: the first line whose words are all in the title wins, so that what is
narrow stands above what is wide. Nothing is proposed rather than something unlikely.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass

# Code, then phrases, any of which is enough: of one, all the words, in any order, each by its
# beginning; « a|b » is either of two.
_LINES: tuple[tuple[str, str], ...] = (
    ("9.4", "motion, voeu"),
    ("5.3", "election|designation|composition|constitution commission|jury"),
    ("5.8", "ester justice, action justice, contentieux"),
    ("5.6", "protection fonctionnelle elu|elus|president|maire|vice-president|conseiller"),
    ("4.1", "protection fonctionnelle agent|agents|fonctionnaire|directeur|directrice"),
    ("1.5", "transaction"),
    ("1.2", "delegation service public, concession service, choix delegataire"),
    ("1.6", "maitrise oeuvre"),
    ("1.1", "marche, accord-cadre, accords-cadres, appel offre, groupement commande"),
    ("1.3", "convention mandat"),
    ("2.1", "plan urbanisme, coherence territoriale, scot"),
    ("3.1", "acquisition|acquerir immeuble|terrain|parcelle|bien|local|batiment"),
    ("3.2", "cession|alienation|vente immeuble|terrain|parcelle|bien|local|batiment|vehicule"),
    ("3.3", "bail, location"),
    ("3.5", "occupation domaine"),
    ("4.5", "rifseep, indemnitaire, prime agent|personnel"),
    ("4.2", "contractuel, apprenti, saisonnier, vacataire"),
    ("4.1", "tableau effectif|emploi, creation|suppression|modification poste|emploi"),
    ("4.1", "personnel, agents, temps travail"),
    ("5.6", "indemnite elu|president|fonction|maire|vice-president, formation elu"),
    ("5.6", "frais deplacement|mission|representation"),
    ("5.1", "election president|vice-president|vice-presidents|bureau|maire|adjoint"),
    ("5.3", "designation, election representant|delegue|membre|commission"),
    ("5.5", "delegation signature"),
    ("5.4", "delegation attribution|pouvoir|president|bureau|maire|fonction"),
    ("5.2", "reglement interieur, proces-verbal, proces-verbaux, installation comite|conseil"),
    ("7.2", "cotisation fonciere, taxe fonciere|fonciers"),
    ("7.6", "contribution|cotisation|participation membre|budgetaire|syndicat|statutaire|annuelle"),
    ("5.7", "statut, adhesion, perimetre syndicat|communaute, transfert competence"),
    ("5.7", "retrait commune|communes|communaute|membre|membres|syndicat|departement|competence"),
    ("7.3", "emprunt, ligne tresorerie, garantie pret"),
    ("7.2", "taxe, fiscalite, taux imposition, gemapi"),
    ("7.8", "fonds concours"),
    ("7.5", "subvention, demande financement, plan financement"),
    ("7.9", "prise participation|capital"),
    ("7.1", "budget, compte administratif|gestion|financier, decision modificative"),
    ("7.1", "orientation budgetaire|budgetaires, affectation resultat, autorisation programme"),
    ("7.1", "amortissement, provision, admission valeur|non-valeur, tarif, redevance"),
    ("7.10", "regie, indemnite comptable, remise gracieuse"),
    ("8.7", "transport, mobilite"),
    ("8.8", "environnement, dechet, assainissement, riviere, climat"),
    ("8.1", "ecole, scolaire, college, lycee, enseignement"),
    ("8.5", "habitat, logement, copropriete"),
    ("8.9", "culture, musee, bibliotheque, mediatheque"),
    ("8.4", "amenagement territoire|numerique, tres debit, fibre optique"),
    ("1.4", "convention, contrat, avenant, partenariat"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A matter, and the words of the title by which it is proposed."""

    matter: str
    words: tuple[str, ...]

    @property
    def why(self) -> str:
        """« d’après « emprunt » »."""
        said = ", ".join(f"«\u00a0{word}\u00a0»" for word in self.words)
        return f"d’après {said} dans le titre"


def matter(title: str, known: Collection[str]) -> Proposal | None:
    """The matter that the words of this title most likely are, among those of the classification;
    `None` when they say nothing."""
    words = _words(title)
    for code, phrases in _LINES:
        for phrase in phrases.split(", ") if code in known else ():
            found = [_holding(each, words) for each in phrase.split(" ")]
            if all(found):
                return Proposal(matter=code, words=tuple(dict.fromkeys(found)))
    return None


def kind(title: str, kinds: Mapping[str, str], usual: str) -> str:
    """The kind of a file that goes with an act: that one of the classification whose name begins as
    its title does (« Convention de groupement » is a « Convention »); `usual` of none, or several.
    """
    words = _words(title)
    begins = [code for code, label in kinds.items() if words and _alike(words[0], _words(label))]
    return begins[0] if len(begins) == 1 else usual


def _alike(word: tuple[str, str], label: tuple[tuple[str, str], ...]) -> bool:
    """Whether a label begins with this word, in the singular or the plural."""
    return bool(label) and label[0][1].rstrip("s") == word[1].rstrip("s")


def _words(title: str) -> tuple[tuple[str, str], ...]:
    """Each word as it is written, with what it is compared by."""
    return tuple((word, _folded(word)) for word in re.findall(r"[\w-]+", title))


def _folded(word: str) -> str:
    apart = unicodedata.normalize("NFKD", word.casefold().replace("œ", "oe"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _holding(alternatives: str, words: tuple[tuple[str, str], ...]) -> str:
    """The first word that begins as one of these, "" when none does."""
    for beginning in alternatives.split("|"):
        for word, folded in words:
            if folded.startswith(beginning):
                return word
    return ""
