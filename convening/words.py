"""What somebody answered, in words: said to him, said of him."""

from convening import notices
from convening.answers import Answers, Position, Respondent
from law import assembly, french


def to_himself(said: Answers, key: str) -> str:
    """What is recorded of somebody, said to him; "" while there is nothing to say."""
    line = said.lines[key]
    by = notices.named(line.by)
    match line.position:
        case Position.REPLACED if line.is_settled:
            told = f"vous ne venez pas : {by} siège à votre place"
        case Position.REPLACED:
            told = (
                f"vous ne venez pas : {by} est invité à siéger à votre place, sans réponse encore"
            )
            told = told.replace("invité", _agreed("invité", line.by))
        case Position.REPRESENTED if line.is_settled:
            told = f"vous ne venez pas : {by} porte votre pouvoir"
        case Position.REPRESENTED:
            told = (
                f"vous ne venez pas, et {by} ne pourra pas porter votre pouvoir : choisissez encore"
            )
        case Position.EXCUSED:
            told = "vous ne venez pas"
        case Position.SEATED:
            told = f"vous venez et siégez à la place de {notices.named(line.stands_for)}"
        case Position.REMOTE:
            told = "vous participez à distance"
        case Position.COMING if line.is_substitute and line.member.replaces in said.coming:
            titular = notices.named(said.composition[line.member.replaces])
            told = f"{titular} vient : vous pouvez assister à la séance, sans voter"
        case Position.COMING if line.is_substitute:
            told = "vous êtes disponible : vous siégerez si un titulaire vous le demande"
        case Position.COMING:
            told = "vous venez"
        case Position.ASKED:
            told = f"{notices.named(line.stands_for)} vous demande de siéger à sa place"
        case _ if line.is_substitute and line.member.replaces in said.coming:
            titular = notices.named(said.composition[line.member.replaces])
            told = f"{titular} vient : rien ne vous est demandé"
        case _ if line.is_substitute:
            told = "siégeriez-vous à la place d’un titulaire empêché ?"
        case _:
            return ""
    return french.nbsp(french.sentence(told))


def undone(said: Answers, key: str) -> str:
    """What his last word took back of the one before, said to him; "" when it took back nothing."""
    last, was = [*(each for each in said.of(key) if each.lapsed_at is None), None, None][:2]
    if last is None or was is None:
        return ""
    if was.holder_id and was.holder_id != last.holder_id:
        holder = said.composition.by_key.get(said.key_of(was.holder))
        told = f"le pouvoir que vous aviez donné à {notices.named(holder)} est retiré"
    elif was.substitute_id and was.substitute_id != last.substitute_id:
        substitute = said.composition.by_key.get(said.key_of(was.substitute))
        told = f"{notices.named(substitute)} ne siège plus à votre place"
    else:
        return ""
    return french.nbsp(french.sentence(told))


def of_him(line: Respondent) -> str:
    """The same in a few words, for the board: « excusée », « remplacé par Mme X (à confirmer) »."""
    by = notices.named(line.by)
    pending = "" if line.is_settled else " (à confirmer)"
    match line.position:
        case Position.COMING | Position.REMOTE if line.is_substitute:
            told = "disponible"
        case Position.COMING:
            told = "vient"
        case Position.REMOTE:
            told = "à distance"
        case Position.SEATED:
            told = f"siège pour {notices.named(line.stands_for)}"
        case Position.REPLACED:
            told = f"{_agreed('remplacé', line.member)} par {by}{pending}"
        case Position.REPRESENTED if line.is_settled:
            told = f"pouvoir à {by}"
        case Position.REPRESENTED:
            told = f"pouvoir à {by}, sans effet"
        case Position.EXCUSED:
            told = _agreed("excusé", line.member)
        case Position.ASKED:
            told = f"{_agreed('sollicité', line.member)} par {notices.named(line.stands_for)}"
        case _:
            told = "" if line.is_substitute else "sans réponse"
    if line.answer is not None and line.answer.doubt and not pending:
        told += " (à confirmer)"
    return french.nbsp(told)


def _agreed(word: str, member: assembly.Member | None) -> str:
    return french.agree(word, feminine=member is not None and member.civility == "Mme")


def everybody_but(away: int) -> str:
    """« Tous présents, sauf 3 qui ne viennent pas »: nobody is pointed present who said no."""
    if not away:
        return "Tous présents"
    not_coming = "qui ne vient pas" if away == 1 else "qui ne viennent pas"
    return f"Tous présents, sauf {away} {not_coming}"
