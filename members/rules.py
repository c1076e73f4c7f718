"""The rules of a body on screen and in forms: each says what it means, whence it comes, and
whether it departs from the legal model. Labels, help and articles are `law.regime`'s own."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from law import french, quorum, regime
from law.findings import Finding, Refused, Severity, refuse
from law.regime import STATUTES, Regime, Rule
from members import front
from members.asked import row_number
from members.models import Body, LegalForm, Mandate, Organisation, RuleBook
from members.seen import Seen

# How the long list is cut into chapters: each begins with this rule.
CHAPTERS = {
    "by_statutes": "Régime",
    "notice_clear_days": "Convocation",
    "quorum_fraction": "Quorum",
    "proxies_allowed": "Pouvoirs et suppléants",
    "weighted_votes": "Votes",
    "closed_doors_requesters": "Déroulement des séances",
    "vice_chair_fraction": "Exécutif",
    "minutes_mentions_required": "Actes et publications",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A rule as a reader meets it."""

    rule: Rule
    source: str
    value: str
    usual: str
    departs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """Rules that are read together, under a title."""

    title: str
    lines: tuple[Line, ...]


def in_words(rules: Regime, key: str) -> str:
    """A rule as one says it; the share of the quorum with what it asks for, "plus des deux tiers"
    or "au moins les deux tiers"."""
    told = regime.in_words(regime.RULES[key], getattr(rules, key))
    if key != "quorum_fraction":
        return told
    return f"plus {french.contract('de', told)}" if rules.quorum_strict else f"au moins {told}"


def chapters(rules: Regime, legal: Regime) -> tuple[Chapter, ...]:
    """Every rule beside the one of its model, in chapters."""

    def line(key: str) -> Line:
        rule, own, usual = regime.RULES[key], getattr(rules, key), getattr(legal, key)
        return Line(
            rule=rule,
            source=regime.article_of(rules, key) if rule.article or own != usual else "",
            value=in_words(rules, key),
            usual=in_words(legal, key),
            departs=own != usual,
        )

    return tuple(
        Chapter(title=title, lines=tuple(map(line, keys))) for title, keys in keys_by_chapter()
    )


def keys_by_chapter() -> list[tuple[str, list[str]]]:
    """The keys of the rules, in chapters: the fieldsets of a form."""
    found: list[tuple[str, list[str]]] = []
    for key in regime.RULES:
        if key in CHAPTERS:
            found.append((CHAPTERS[key], []))
        found[-1][1].append(key)
    return found


def departures(own: Regime, usual: Regime) -> list[str]:
    """The rules that depart; the share of the quorum and what it asks for are said as one."""
    found = [key for key, _, _ in regime.departures(own, usual)]
    if "quorum_fraction" in found and "quorum_strict" in found:
        found.remove("quorum_strict")
    return found


FEW = 3  # departures that hold on the line of a chapter


def said_by_chapter(book: RuleBook) -> dict[str, SafeString]:
    """What each chapter says while it is folded: what one looks for most in it; then how many of
    its rules depart from the model and, while they are few, which. Nothing of a book that cannot
    be read."""
    try:
        own = book.regime
        found = departures(own, book.usual)
    except Refused:
        return {}
    gists, said = _gists(own), {}
    for title, keys in keys_by_chapter():
        apart = [regime.RULES[key] for key in keys if key in found and key not in OF_THE_MODEL]
        said[title] = format_html("{}", french.nbsp(gists[title]))
        if apart:
            words = french.count(len(apart), "écart")
            if len(apart) <= FEW:
                values = (f"{rule.label} : {in_words(own, rule.key)}" for rule in apart)
                words += f" – {' ; '.join(values)}"
            said[title] = format_html("{}. <strong>{}</strong>", said[title], french.nbsp(words))
    return said


def _gists(rules: Regime) -> dict[str, str]:
    """The two or three rules of each chapter that one asks for most, in words."""
    told = dict(main_figures(rules))
    notice = french.count(rules.notice_clear_days, "jour franc", "jours francs")
    channel = "sur papier" if rules.convocation_channel == "papier" else "par voie électronique"
    proxies = french.count(rules.proxies_per_holder, "pouvoir") + " par porteur"
    most = []
    if rules.vice_chair_fraction < 1:
        most.append(f"{french.fraction(rules.vice_chair_fraction)} de l’effectif")
    if rules.vice_chair_cap:
        most.append(str(rules.vice_chair_cap))
    remote = "visioconférence admise" if rules.remote_allowed else "sans visioconférence"
    is_default = "le code vaut" if rules.code_by_default else "le code ne vaut pas"
    return {
        "Régime": rules.derogation or f"{is_default} où les statuts se taisent",
        "Convocation": f"{notice}, {rules.urgent_clear_days} en urgence, {channel}",
        "Quorum": f"{told['Quorum']}, {in_words(rules, 'quorum_basis')}",
        "Pouvoirs et suppléants": f"{proxies if rules.proxies_allowed else 'aucun pouvoir'}, "
        f"suppléants\u00a0: {told['Suppléants']}",
        "Votes": f"{_majority(rules)}, "
        f"{'avec' if rules.casting_vote else 'sans'} voix prépondérante",
        "Déroulement des séances": "séances "
        f"{'publiques' if rules.sittings_public else 'non publiques'}, {remote}",
        "Exécutif": "vice-présidences\u00a0: "
        f"{'au plus ' + ', et pas plus de '.join(most) if most else 'sans maximum'}",
        "Actes et publications": f"liste sous {french.count(rules.list_days, 'jour')}, "
        f"procès-verbal sous {french.count(rules.minutes_days, 'jour')}, "
        f"{in_words(rules, 'acts_publicity')}",
    }


def departures_of(book: RuleBook) -> str:
    """The rules of a book that depart from its model, by name: "suppléants et pouvoirs admis"; ""
    when none does, or nobody can read it."""
    try:
        found = departures(book.regime, book.usual)
    except Refused:
        return ""
    return french.join(f"«\u00a0{regime.RULES[key].label}\u00a0»" for key in found)


# What the model alone says, and no field of a form.
OF_THE_MODEL = ("by_statutes", "form")


def main_figures(rules: Regime) -> tuple[tuple[str, str], ...]:
    """The four or five rules one asks for most, in words."""
    share = in_words(rules, "quorum_fraction")
    proxies = f"{rules.proxies_per_holder} par porteur" if rules.proxies_allowed else "non admis"
    return (
        ("Quorum", f"{share} des membres en exercice"),
        ("Pouvoirs", proxies),
        ("Suppléants", regime.in_words(regime.RULES["substitutes"], rules.substitutes)),
        ("Convocation", f"{rules.notice_clear_days} jours francs"),
        ("Voix prépondérante", "celle de la présidence" if rules.casting_vote else "aucune"),
    )


def _majority(rules: Regime) -> str:
    """« plus de la moitié des suffrages exprimés »."""
    share = french.fraction(rules.majority_fraction)
    is_half = rules.majority_fraction == Fraction(1, 2)
    share = f"plus {french.contract('de', share)}" if is_half else f"au moins {share}"
    return f"{share} {french.contract('de', in_words(rules, 'majority_base'))}"


def summary(rules: Regime) -> tuple[tuple[str, str, str], ...]:
    """What a sitting turns on, each with its source: quorum, days, proxies, majority, secrecy."""
    told = dict(main_figures(rules))
    asking = french.contract("de", french.fraction(rules.secret_ballot_fraction))
    lines = (
        ("Quorum", told["Quorum"], "quorum_fraction"),
        ("Convocation", told["Convocation"], "notice_clear_days"),
        ("Pouvoirs", told["Pouvoirs"], "proxies_per_holder"),
        ("Majorité", _majority(rules), "majority_fraction"),
        ("Scrutin secret", f"à la demande {asking} des membres présents", "secret_ballot_fraction"),
    )
    return tuple((name, value, regime.article_of(rules, key)) for name, value, key in lines)


def preset_proposed_for(body: Body) -> str:
    """The model of what the organisation is in law: nobody gets another without choosing it."""
    return body.organisation.legal_form


def doubts_on_the_form(organisation: Organisation) -> tuple[Finding, ...]:
    """Where the members of the organisation make it, in law, something else than it is said to be
    (art. L5711-1 and L5721-1); nothing while it has none, nor of a commune."""
    members = organisation.communities.existing(timezone.localdate()).filter(is_associated=False)
    kinds = set(members.values_list("kind", flat=True))
    said = organisation.legal_form
    if not kinds or said == LegalForm.COMMUNE or (found := regime.propose(kinds)) == said:
        return ()
    return (
        Finding(
            code="forme_douteuse",
            message=french.nbsp(
                f"L’organisation est dite « {organisation.get_legal_form_display()} » ; ses "
                f"membres en font plutôt : « {LegalForm(found).label} »."
            ),
            severity=Severity.WARNING,
            article=regime.MADE_BY[found],
            remedy="Relisez les statuts, puis corrigez la forme juridique ou la nature d’un "
            "membre ; les règles déjà écrites ne changent pas d’elles-mêmes.",
        ),
    )


# --- Forms ----------------------------------------------------------------------------------


INDICATIVE = " Indicative : l’application ne l’applique pas."


WRITTEN = " S’écrit 2/3, 60 % ou deux tiers."


# Beside the share of the quorum, what it asks for: whoever types another share reads it whole.
BEYOND = (("True", "Plus de cette part"), ("False", "Cette part au moins"))


def form_field(rule: Rule, legal: Regime, *, source: str, departs: bool) -> forms.Field:
    """The field of a form for one rule, given its model and source."""
    told = rule.help + (INDICATIVE if rule.is_indicative else "")
    told = french.nbsp(told + (WRITTEN if rule.kind == "fraction" else ""))
    model = in_words(legal, rule.key)
    if rule.key == "quorum_strict":
        model = dict(BEYOND)[str(legal.quorum_strict)].lower()
    words = {
        "label": french.capitalise(rule.label),
        "help_text": format_html(
            '<span class="rule-said">{}{}</span> <span class="model">{}Modèle\u00a0: {}</span>',
            told,
            format_html(' <span class="article">{}</span>', source)
            if source not in ("", STATUTES)
            else "",
            mark_safe("<strong>Écart.</strong> ") if departs else "",
            french.nbsp(model),
        ),
    }
    if rule.key == "quorum_strict":
        words["label"] = "Il faut"
        return forms.TypedChoiceField(choices=BEYOND, coerce="True".__eq__, **words)
    match rule.kind:
        case "oui_non":
            return forms.BooleanField(required=False, **words)
        case "entier":
            low = 0 if rule.minimum is None else rule.minimum
            return forms.IntegerField(min_value=low, max_value=rule.maximum, **words)
        case "choix":
            return forms.ChoiceField(choices=rule.choices, **words)
        case "fraction":
            return forms.CharField(max_length=20, **words)
    area = forms.Textarea(attrs={"rows": 2})
    lines = [front.check_lines]
    return forms.CharField(required=False, max_length=250, widget=area, validators=lines, **words)


class RuleBookForm(Seen):
    """A new rule book: what was in force until then under the same model, otherwise the values of
    its model; `form_for` lets them change afterwards."""

    class Meta:
        model = RuleBook
        fields = ["body", "valid_from", "preset", "source"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        body = str(self.data.get("body") or self.initial.get("body") or "")
        is_next = body.isdecimal() and RuleBook.objects.filter(body=row_number(body)).exists()
        if self.instance.valid_from or (is_next and self.instance._state.adding):
            since = self.fields["valid_from"]
            since.required, since.help_text = True, "Le premier jour où ces règles s’appliquent."
            since.error_messages["required"] = "Dites depuis quel jour ces règles s’appliquent."

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("preset") in regime.PRESETS:
            self.instance.values = self._first_values(cleaned["preset"])
        return cleaned

    def _first_values(self, preset: str) -> dict[str, Any]:
        before = self.before
        if before is None or before.preset != preset:
            return regime.to_values(self._model(preset))
        return regime.to_values(before.regime)

    @property
    def before(self) -> RuleBook | None:
        """What is in force on the eve, `None` when nothing is or it makes no sense."""
        body, since = self.cleaned_data.get("body"), self.cleaned_data.get("valid_from")
        book = body.rule_book(since) if body and since else None
        try:
            return book if book and book.regime else None
        except Refused:
            return None

    def _model(self, preset: str) -> Regime:
        body = self.cleaned_data.get("body")  # of a new book, the instance does not know it yet
        of_assembly = body.is_assembly if body else self.instance.is_of_assembly
        return regime.usual(preset, of_assembly=of_assembly)


def _heads(book: RuleBook) -> int:
    """How many titulars sit today: those whom a share of the quorum is of."""
    sitting = book.body.mandates.in_office(timezone.localdate())
    return sitting.filter(capacity=Mandate.Capacity.TITULAR).count()


def _what_it_asks(book: RuleBook, heads: int) -> str:
    """Both ways of reading the share that is written, in heads of today where heads count."""
    try:
        own = book.regime
    except Refused:
        own = book.usual
    if own.quorum_basis != "tetes" or own.quorum_fraction >= 1:
        heads = 0
    told = []
    for is_strict in (True, False):
        read = replace(own, quorum_strict=is_strict)
        words = in_words(read, "quorum_fraction")
        told.append(f"{words}, soit {quorum.required(heads, read)} sur {heads}" if heads else words)
    return f"{french.capitalise(' ; ou '.join(told))}."


FOLLOW, START_OVER, KEEP = "suivre", "modele", "garder"


class RulesForm(RuleBookForm):
    """A rule book with one field a rule; see `form_for`, which adds the fields."""

    own_rules = forms.ChoiceField(
        label="Si le modèle change, les règles ci-dessous",
        required=False,
        choices=(
            ("", "À dire si le modèle change"),
            (FOLLOW, "suivent le nouveau modèle, sauf celles qui s’écartaient de l’ancien"),
            (START_OVER, "sont toutes remplacées par celles du modèle"),
            (KEEP, "restent toutes telles quelles, et deviennent autant d’écarts statutaires"),
        ),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        usual = regime.to_values(self.instance.usual)
        for key, value in usual.items():
            self.initial.setdefault(key, self.instance.values.get(key, value))
        self.initial["quorum_strict"] = str(self.initial["quorum_strict"])  # a choice in words

    def written(self, name: str) -> Any:
        """A rule as the book keeps it, whichever way it was typed (`members.seen`)."""
        return self.instance.values[name] if name in regime.RULES else super().written(name)

    def _first_values(self, preset: str) -> dict[str, Any]:
        return regime.to_values(self._model(preset))

    def clean(self) -> dict:
        written = dict(self.instance.values)
        cleaned = super().clean()
        if cleaned.get("own_rules") == START_OVER:
            return cleaned
        self.instance.values = written
        legal = self._model(cleaned.get("preset") or self.instance.preset)
        given = {key: getattr(legal, key) for key in OF_THE_MODEL}
        given |= {key: cleaned[key] for key in regime.RULES if key in cleaned}
        if "preset" in self.changed_data and "preset" in cleaned:
            given = self._under_another_model(given, cleaned.get("own_rules"))
        if len(given) == len(regime.RULES):
            try:
                rules = regime.from_values(given)
                preset = cleaned.get("preset") or self.instance.preset
                of_assembly = self.instance.is_of_assembly
                refuse(regime.unlawful(rules, preset, of_assembly=of_assembly))
                self.instance.values = regime.to_values(rules)
            except Refused as refusal:
                for finding in refusal.findings:
                    self.add_error(finding.field, self._without_its_name(finding))
        return cleaned

    def _without_its_name(self, finding: Finding) -> str:
        """The fault of a rule, whose name the form says itself."""
        field = self.fields.get(finding.field)
        name = str(field.label) if field else ""
        return french.capitalise(str(finding).removeprefix(name).lstrip("  :"))

    def _under_another_model(self, given: dict[str, Any], choice: str | None) -> dict[str, Any]:
        """What becomes of the rules when their model does not stay; asked of whoever changes it,
        since to keep them all makes statutory, and silently, whatever the old model said."""
        before = regime.to_values(self._model(self.initial["preset"]))
        legal = regime.to_values(self._model(self.cleaned_data["preset"]))
        stated = {key: value for key, value in given.items() if key not in OF_THE_MODEL}
        values = {key: str(value) for key, value in stated.items()}
        if choice == FOLLOW:
            keep = {key for key in stated if values[key] != str(before[key])}
            return given | {key: legal[key] for key in stated if key not in keep}
        apart = [regime.RULES[key].label for key in stated if values[key] != str(legal[key])]
        if apart and not choice:
            some = french.join([*apart[:6], *(["…"] if len(apart) > 6 else [])])
            self.add_error(
                "own_rules",
                french.nbsp(
                    f"Le modèle change : {french.count(len(apart), 'règle')} différeraient du "
                    f"nouveau ({some}). Dites ce qu’elles deviennent."
                ),
            )
        return given


def form_for(book: RuleBook) -> type[RulesForm]:
    """The form of this rule book: every rule with its meaning, article and usual value."""
    legal, heads = book.usual, _heads(book)
    usual = regime.to_values(legal)
    fields = {
        key: form_field(
            replace(rule, help=_what_it_asks(book, heads)) if key == "quorum_strict" else rule,
            legal,
            source=regime.article_of(legal, key) if rule.article else "",
            departs=book.values.get(key, usual[key]) != usual[key],
        )
        for key, rule in regime.RULES.items()
        if key not in OF_THE_MODEL
    }
    # Of whom the page counts the share that is being written (administration.js).
    saved = book.values.get("quorum_fraction", usual["quorum_fraction"])
    fields["quorum_fraction"].widget.attrs |= {"data-heads": heads, "data-saved": saved}
    return type("RulesForm", (RulesForm,), fields)
