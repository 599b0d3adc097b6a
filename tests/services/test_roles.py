"""Who is a head is content; who lacks a role reads its name, not its key."""

import pytest

from app.domain.errors import Forbidden
from app.services import cases, tasks
from app.services.roles import role_name, supervises
from app.storage import tasks as task_rows
from tests.builders import an_officer


def test_the_register_says_who_is_a_head(house):
    with house.work() as work:
        heads = {
            role
            for role in ("adm_head", "pol_unit_head", "proc_chief", "crt_president", "pol_intake", "nobody_head")
            if supervises(work, an_officer(work.connection, role=role))
        }
        assert heads == {"adm_head", "pol_unit_head", "proc_chief", "crt_president"}
        assert role_name(work, "nobody_head") == ("nobody_head", "nobody_head")


def test_the_role_that_is_missing_is_named_in_words(house, people):
    with house.work() as work:
        case_id = cases.open_case(work, people["asker"], process="ask_help", name="虚构案", charge="")
        (row,) = task_rows.open_tasks_of_case(work.connection, case_id)
        other = an_officer(work.connection, role="adm_legal", agency_id=people["asker"].agency_id)
        with pytest.raises(Forbidden) as refused:
            tasks.claim_task(work, other, row.id)
        assert role_name(work, "adm_officer")[0] in refused.value.zh
        assert "adm_officer" not in refused.value.zh
