"""What the filters of the pages write."""

from datetime import date, datetime

import pytest
from django.template import Context, Template
from django.utils import timezone

NBSP = "\u00a0"
EVENING = timezone.make_aware(datetime(2026, 12, 1, 17, 5))
NIGHT = datetime.fromisoformat("2026-07-14T22:30:00+00:00")  # the day after in Paris


@pytest.mark.parametrize(
    ("written", "value", "expected"),
    [
        pytest.param("long_date", date(2026, 10, 1), f"1er{NBSP}octobre 2026", id="un premier"),
        pytest.param("long_date", None, "", id="pas de jour"),
        pytest.param("moment", EVENING, f"1er{NBSP}décembre 2026 à 17{NBSP}h{NBSP}05", id="soir"),
        pytest.param("moment", NIGHT, f"15{NBSP}juillet 2026 à 0{NBSP}h{NBSP}30", id="de Paris"),
        pytest.param(
            "date", date(2015, 6, 1), "1er juin 2015", id="un premier dans l’administration"
        ),
        pytest.param("date", date(2015, 6, 2), "2 juin 2015", id="un deux dans l’administration"),
        pytest.param("moment", None, "", id="pas d’instant"),
        pytest.param("short_day", date(2026, 12, 1), f"1er{NBSP}déc.", id="court"),
        pytest.param("cut:7", "Tarifs", "Tarifs", id="assez court"),
        pytest.param("cut:6", "Tarifs", "Tarifs", id="juste assez"),
        pytest.param("cut:5", "Tarifs & <b>", "Tari…", id="coupé"),
        pytest.param("cut:99", "& <b>", "&amp; &lt;b&gt;", id="échappé"),
    ],
)
def test_filters(written, value, expected):
    page = Template(f"{{% load french %}}{{{{ value|{written} }}}}")
    assert page.render(Context({"value": value})) == expected
