"""What real papers say of each vote beside what ours print of it, and how the two compare.

The words and figures of the papers are those kept in `tests/cases`; both sides are read by the same
few patterns, so that none is judged by another measure.
"""

# ruff: noqa: E501 - the rows of a page

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from documents import compile, papers
from law import french
from tests.meetings import cases
from tests.meetings.test_real_cases import bring

EQUAL, MORE, LESS = "égal", "nous en disons plus", "nous en disons moins"
OTHERWISE, CONTRADICTORY = "autrement", "le papier se contredit"

_WORDS = {french.in_words(number): number for number in range(1, 61)} | {"une": 1}
_NUMBER = rf"(\d+|{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
# A fact, and the ways in which papers state it: before or after its figure.
_FIGURES = {
    "pour": rf"\b{_NUMBER} (?:voix )?pour\b|\bpour ?: ?{_NUMBER}\b|^{_NUMBER} voix$",
    "contre": rf"\b{_NUMBER} (?:voix )?contre\b|\bcontre ?: ?{_NUMBER}\b",
    "abstention": rf"\b{_NUMBER} abstentions?\b|\babstentions? ?: ?{_NUMBER}\b",
}
_SAID = {
    "unanimité": r"unanimité|acquiesce",
    "majorité": r"majorité|également partagées",
    "rejet": r"rejet|n’est pas adopté|refus",
}


def facts(text: str) -> set[str]:
    """What a sentence states of a vote: « unanimité », « contre 2 »; that something is nought goes
    without saying."""
    text = text.lower().replace("'", "’").replace(french.NBSP, " ")
    found = {name for name, pattern in _SAID.items() if re.search(pattern, text)}
    for name, pattern in _FIGURES.items():
        for told in re.findall(pattern, text):
            number = max(_WORDS.get(each) or int(each or 0) for each in told)
            if number:
                found.add(f"{name} {number}")
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """A vote: the item that the paper numbers so, its words, ours, and how they compare."""

    case: str
    item: str
    theirs: str
    ours: str
    verdict: str


def compared(theirs: str, ours: str, *, names: bool) -> str:
    """How our words compare with theirs; `names` says whether ours tell who voted what."""
    told, said = facts(theirs), facts(ours)
    if told == said and not names:
        return EQUAL
    if told <= said:
        return MORE
    return LESS if said <= told else OTHERWISE


def rows(number: str) -> Iterator[Row]:
    """Every vote of a case, as its paper and ours tell it."""
    held = bring(number)
    paper = compile.compile_minutes(held.meeting)
    steps = {item.key: list(_votes(item)) for item in paper.all_items}
    for item in held.case.items:
        for vote, told in zip(held.case.votes(item), steps[item["key"]], strict=True):
            ours, names = told
            # What everybody voted was counted by hand: the words of the paper are all it says.
            theirs = vote["stated"] if "all" in vote else cases.stated(vote)
            verdict = (
                CONTRADICTORY if vote.get("wrong") else compared(theirs, ours, names=bool(names))
            )
            label = item.get("n", "") or item["key"]
            yield Row(
                number, label, theirs or "(aucun résultat)", " ".join((ours, *names)), verdict
            )


def _votes(item: papers.Item) -> Iterator[tuple[str, list[str]]]:
    for step in item.after:
        if step.kind != "vote":
            continue
        if not step.lines:
            yield " ".join((step.text, *step.more)), [group.label for group in step.groups]
        for line in step.lines or ():
            yield (
                f"{line.question} : {line.for_} pour, {line.against} contre, "
                f"{line.abstentions} abstentions, {line.result}",
                [],
            )


def page() -> str:
    """The whole table, as it stands in docs/cas-reels.md: the same words of one case on one row."""
    every = [row for number in cases.NUMBERS for row in rows(number)]
    count = Counter(row.verdict for row in every)
    told = "\n".join(f"| {verdict} | {count[verdict]} |" for verdict in _LEGEND)
    legend = "\n".join(f"- **{verdict}** : {words}" for verdict, words in _LEGEND.items())
    grouped: dict[tuple[str, str, str, str], list[str]] = {}
    for row in every:
        key = (row.case, row.theirs, _shown(row.ours), row.verdict)
        grouped.setdefault(key, []).append(row.item)
    lines = "\n".join(
        f"| {case} | {_items(items)} | {theirs} | {ours} | {verdict} |"
        for (case, theirs, ours, verdict), items in grouped.items()
    )
    return _PAGE.format(legend=legend, count=told, lines=lines, total=len(every))


def _items(items: list[str]) -> str:
    shown = ", ".join(items[:4])
    left = len(items) - 4
    return f"{shown} et {french.count(left, 'autre')}" if left > 0 else shown


def _shown(ours: str) -> str:
    """Our words without what was put to the vote, which is ours to invent here."""
    ours = re.sub(r"«[^»]*»", "« … »", ours)
    return re.sub(r"procès-verbal de la (séance|réunion) du .*? est", r"procès-verbal est", ours)


_LEGEND = {
    EQUAL: "les deux disent les mêmes faits : l’issue, l’unanimité, les voix de chaque sens.",
    MORE: "tout ce que dit le papier est chez nous, et davantage : des chiffres, des noms.",
    LESS: "le papier donne un fait que nos mots ne redonnent pas.",
    OTHERWISE: "chacun dit quelque chose que l’autre ne dit pas.",
    CONTRADICTORY: "ses chiffres ne s’accordent pas avec ses propres présences ; l’import les "
    "refuse comme voix et garde ses mots (`stated`).",
}

_PAGE = """# Les mots des papiers réels, et les nôtres

Dix-neuf procès-verbaux réels (communes, EPCI, syndicats mixtes, 2007 à 2024), repris par
`tests/cases` sous des noms inventés, rejoués et imprimés ; ici, vote par vote, ce que dit le papier
et ce que nous imprimons. Seuls sont cités les formules et les chiffres. Cette page s’écrit
elle-même et un test la tient : `pytest tests/documents/test_real_words.py -m proof --golden`.

{legend}

« Des membres présents et représentés », après « à l’unanimité », n’est pas compté comme un fait :
c’est ce que l’unanimité veut dire.

| {total} votes | |
|---|---|
{count}

| Cas | Points | Le papier | Nous | |
|---|---|---|---|---|
{lines}

## Neuf papiers, regardés

Le 28 novembre 2026, neuf papiers de trois cas ont été tirés, mis en images et comparés à
l’original, partie par partie : une commune (13, entière), un syndicat de communes, qui est un EPCI
(43, dont seul le début est gardé), un syndicat mixte (01, entier). Nous n’avons aucun
procès-verbal d’EPCI à fiscalité propre. Les originaux sont des textes extraits : leur mise en page
n’a pas pu être comparée. Ce qui fut trouvé faux est corrigé, et tient par les tests que nomme
[la page du juriste](revues/juriste.md).

| Cas | Papier | Pareil | En plus | En moins | Trouvé faux, corrigé |
|---|---|---|---|---|---|
| 13 | procès-verbal | ouverture, présents, mandants, excusés, absents, secrétaire, points dans leur ordre, arrivées au point 5.a, résultats | le quorum, l’ordre du jour, le nom de qui préside au bas ; « au scrutin secret », que la loi veut et que le papier ne dit pas | « a pris part aux délibérations ci-après » ; la liste des délibérations, qui est un papier à part | un vote qui ajoute deux points disait « la délibération » ; le titre d’une colonne de nombres n’était pas au-dessus d’eux |
| 13 | liste | les sept mêmes délibérations, dans leur ordre | le résultat de chacune, qui est élu | les titres qui groupent (« 4 », « 5 ») | l’ajout de points y comptait pour une délibération ; « 2017. » seul sur sa ligne |
| 13 | extraits (point 3, élection) | formule, présences de ce moment, dispositif en trois articles, résultat | mentions exécutoires à remplir, voie de recours | rien : le papier n’en a pas | « Le conseil, après en avoir délibéré, il est procédé » : une phrase sans verbe, et une élection dite délibérée ; le nom de l’élu n’y était pas le plus lisible |
| 43 | procès-verbal | jour, heure, lieu, présidence, convocation, présents par commune, deux suppléants et qui ils remplacent, excusés | nombres, quorum | le suppléant est à la ligne du titulaire, non parmi les présents | le cas se lisait « syndicat mixte ouvert », et tous y étaient à distance : c’étaient nos essais qui le disaient |
| 43 | convocation | jour et heure de la séance, jour de l’envoi | délai, quorum, suppléance, pouvoirs | l’ordre du jour, que l’extrait n’a pas | elle offrait la visioconférence que personne n’avait décidée ; « CGCT). » seul sur sa ligne |
| 43 | liste | aucune délibération dans l’extrait | le jour où l’afficher | – | « 2021. » seul sur sa ligne |
| 01 | procès-verbal | tout, dans l’ordre et à la ponctuation près | les places de signature | – | rien |
| 01 | convocation | jour, heure, lieu, les six points | délai, quorum, pouvoirs | – | elle disait publique la séance d’un bureau, que la loi ne dit pas publique |
| 01 | liste | aucune délibération : le Bureau a examiné | le jour où l’afficher | – | l’année seule sur sa ligne |
"""
