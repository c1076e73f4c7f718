"""What the API answers, described: from these tables OpenAPI is written, and the tests hold every
answer to it. An object has what is said here, all of it and nothing else."""

from typing import Any

Schema = dict[str, Any]
VERSION = "1.0"


def _object(what: str, **fields: Schema) -> Schema:
    return {
        "type": "object",
        "description": what,
        "properties": fields,
        "required": [*fields],
        "additionalProperties": False,
    }


def _text(what: str) -> Schema:
    return {"type": "string", "description": what}


def _number(what: str) -> Schema:
    return {"type": "integer", "description": what}


def _flag(what: str) -> Schema:
    return {"type": "boolean", "description": what}


def _day(what: str) -> Schema:
    return {"type": "string", "format": "date", "description": what}


def _moment(what: str) -> Schema:
    return {"type": "string", "format": "date-time", "description": what}


def _or_none(schema: Schema) -> Schema:
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema | {"type": [schema["type"], "null"]}


def _all(schema: Schema, what: str) -> Schema:
    return {"type": "array", "items": schema, "description": what}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _page(name: str) -> Schema:
    return _object(
        "Une page d’une liste.",
        total=_number("Combien il y en a en tout."),
        page=_number("Celle-ci, à partir de 1."),
        pages=_number("Combien de pages."),
        donnees=_all(_ref(name), "Celles de la page."),
    )


SCHEMAS: dict[str, Schema] = {
    "Erreur": _object("Ce qui est refusé, en une phrase.", erreur=_text("Pourquoi.")),
    "Instance": _object("Une instance.", id=_number("Son numéro."), nom=_text("Son nom.")),
    "Organisation": _object(
        "L’organisation de la clé.",
        identifiant=_text("Celui de ses adresses publiques."),
        nom=_text("Son nom."),
        siren=_text("Vide s’il n’est pas dit."),
        siret=_text("Celui du siège, vide s’il n’est pas dit."),
        instances=_all(_ref("Instance"), "Ses instances."),
    ),
    "SeanceBreve": _object(
        "Une séance convoquée, tenue ou annulée.",
        id=_number("Son numéro."),
        instance=_ref("Instance"),
        jour=_day("Le jour."),
        etat=_text("À tenir, ouverte, levée, procès-verbal établi, annulée."),
        convoquee_le=_or_none(
            _day("Le jour de la convocation, vide tant que rien n’en est remis.")
        ),
    ),
    "Point": _object(
        "Un point de l’ordre du jour.",
        cle=_text("Ce qui le nomme dans la séance."),
        numero=_text("Tel qu’il est imprimé."),
        intitule=_text("Sans ce qui est masqué."),
        est_titre=_flag("S’il ne fait que ranger ceux qui suivent."),
    ),
    "Document": _object(
        "Un papier établi, dans sa version en vigueur.",
        id=_number("Son numéro."),
        genre=_text("Procès-verbal, extrait, liste, décision, arrêté."),
        titre=_text("Sans ce qui est masqué."),
        version=_number("Sa version."),
        etabli_le=_moment("Quand."),
        signatures_attendues=_number("De combien de personnes."),
        signatures_donnees=_number("Combien ont signé."),
        en_ligne_le=_or_none(_moment("Depuis quand le public le lit.")),
        adresse_publique=_or_none(_text("Où le public le lit.")),
        fichier=_text("Où le prendre, avec la même clé, une fois en ligne."),
    ),
    "Transmission": _object(
        "Le dernier envoi d’un acte à la préfecture.",
        identifiant=_text("Celui de @CTES."),
        etat=_text("Préparée, envoyée, reçue, refusée…"),
        envoyee_le=_or_none(_moment("Quand elle est partie.")),
        recue_le=_or_none(_day("Quand la préfecture l’a reçue.")),
    ),
    "Acte": _object(
        "Un acte numéroté\u00a0: délibération, décision, arrêté.",
        id=_number("Son numéro ici."),
        numero=_text("Celui qui est imprimé."),
        genre=_text("Délibération, décision, arrêté."),
        nature=_text("Ce qu’il est pour la préfecture."),
        objet=_or_none(
            _text(
                "Son intitulé, sans ce qui est masqué\u00a0; rien d’un acte individuel qui n’est "
                "pas en ligne."
            )
        ),
        seance=_or_none(_number("Celle qui l’a pris\u00a0; rien s’il fut pris hors séance.")),
        jour=_day("Le jour où il fut pris."),
        matiere=_text("Code de la préfecture, vide s’il n’est pas confirmé."),
        document=_or_none(_ref("Document")),
        transmission=_or_none(_ref("Transmission")),
    ),
    "PageDeSeances": _page("SeanceBreve"),
    "PageDActes": _page("Acte"),
}
SCHEMAS["Seance"] = _object(
    "Une séance, son ordre du jour et ses papiers.",
    **SCHEMAS["SeanceBreve"]["properties"],
    points=_all(_ref("Point"), "Dans leur ordre."),
    documents=_all(_ref("Document"), "Ceux qui sont en vigueur."),
)

_PAGING = (
    ("page", "integer", "Laquelle, à partir de 1."),
    ("depuis", "string", "N’en donner que depuis ce jour (AAAA-MM-JJ)."),
)
# By path: what it is called, what it does, what it answers, what it may be asked.
PATHS: dict[str, tuple[str, str, str, tuple[tuple[str, str, str], ...]]] = {
    "/organisation": ("organisation", "L’organisation de la clé.", "Organisation", ()),
    "/seances": ("seances", "Les séances, la dernière d’abord.", "PageDeSeances", _PAGING),
    "/seances/{id}": ("seance", "Une séance.", "Seance", ()),
    "/actes": ("actes", "Les actes, le dernier d’abord.", "PageDActes", _PAGING),
    "/actes/{id}": ("acte", "Un acte.", "Acte", ()),
    "/documents/{id}/fichier": ("fichier", "Le PDF d’un papier.", "", ()),
}
_REFUSALS = {
    "401": "Sans clé, ou clé inconnue ou révoquée.",
    "404": "Rien de tel dans l’organisation de la clé.",
    "429": "Trop de demandes\u00a0: Retry-After dit dans combien de secondes revenir.",
}


def openapi(root: str) -> Schema:
    """The whole document (OpenAPI 3.1)."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "somme_gov, lecture",
            "version": VERSION,
            "description": "Lecture seule, par une clé de l’organisation. Ce qui est masqué ou dit "
            "à huis clos n’y est pas.",
        },
        "servers": [{"url": f"{root}/api/v1"}],
        "security": [{"cle": []}],
        "paths": {path: {"get": _operation(path)} for path in PATHS},
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"cle": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(path: str) -> Schema:
    name, what, answer, asked = PATHS[path]
    content: Schema = {"application/json": {"schema": _ref(answer)}}
    if not answer:
        content = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
    parameters = [
        {"name": key, "in": "query", "description": told, "schema": {"type": kind}}
        for key, kind, told in asked
    ]
    if "{id}" in path:
        schema = {"type": "integer"}
        parameters.append({"name": "id", "in": "path", "required": True, "schema": schema})
    refusals = dict(_REFUSALS)
    if asked:
        refusals["400"] = "Une question qui n’a pas de sens."
    if not answer:
        refusals["403"] = "Un papier que le public ne lit pas, ou plus."
    error = {"application/json": {"schema": _ref("Erreur")}}
    return {
        "operationId": name,
        "summary": what,
        "parameters": parameters,
        "responses": {"200": {"description": what, "content": content}}
        | {code: {"description": told, "content": error} for code, told in refusals.items()},
    }
