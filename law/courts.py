"""Before which administrative court an act of a local authority is contested: that of the
department where it has its seat (art. R312-1 and R221-3 of the code of administrative justice).
"""

from law import french

_SEATS = {
    "Amiens": "002 060 080",
    "Bastia": "02A 02B",
    "Besançon": "025 039 070 090",
    "Bordeaux": "024 033 047",
    "Caen": "014 050 061",
    "Cergy-Pontoise": "092 095",
    "Châlons-en-Champagne": "008 010 051 052",
    "Clermont-Ferrand": "003 015 043 063",
    "Dijon": "021 058 071 089",
    "Grenoble": "026 038 073 074",
    "Lille": "059 062",
    "Limoges": "019 023 036 087",
    "Lyon": "001 007 042 069",
    "Marseille": "004 005 013",
    "Melun": "077 094",
    "Montpellier": "011 034 066",
    "Montreuil": "093",
    "Nancy": "054 055 088",
    "Nantes": "044 049 053 072 085",
    "Nice": "006",
    "Nîmes": "030 048 084",
    "Orléans": "018 028 037 041 045",
    "Paris": "075",
    "Pau": "032 040 064 065",
    "Poitiers": "016 017 079 086",
    "Rennes": "022 029 035 056",
    "Rouen": "027 076",
    "Strasbourg": "057 067 068",
    "Toulon": "083",
    "Toulouse": "009 012 031 046 081 082",
    "Versailles": "078 091",
    "la Guadeloupe": "971",
    "la Martinique": "972",
    "la Guyane": "973",
    "La Réunion": "974",
    "Mayotte": "976",
}
_BY_DEPARTMENT = {code: seat for seat, codes in _SEATS.items() for code in codes.split()}


def administrative(department: str) -> str:
    """« tribunal administratif d’Amiens », by a department as @CTES writes it ("080"); without its
    seat where the department is not known."""
    seat = _BY_DEPARTMENT.get(department, "")
    if not seat:
        return "tribunal administratif"
    return f"tribunal administratif {french.elide('de', seat)}"
