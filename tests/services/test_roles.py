"""Who is a head is content; who lacks a role reads its name, not its key."""

import pytest

from app.domain.errors import Forbidden
from app.services import cases, tasks
from app.services.roles import may_keep, require_keeper, role_name, supervises
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


def test_the_register_says_who_acts_on_custody(house):
    with house.work() as work:
        (edition,) = work.library.all_current(work.connection)
        keeping = {role.key for role in edition.roles if may_keep(work, an_officer(work.connection, role=role.key))}
    heads = {role.key for role in edition.roles if role.head}
    assert keeping == {role.key for role in edition.roles if role.custody}
    assert keeping.isdisjoint(heads)
    assert {"adm_custodian", "pol_investigator", "proc_case_mgmt", "crt_filing", "exec_officer"} <= keeping
    assert keeping.isdisjoint({"adm_legal", "pol_liaison", "hot_operator"})


def test_who_may_not_act_on_custody_reads_who_may_in_words(house):
    with house.work() as work:
        with pytest.raises(Forbidden) as refused:
            require_keeper(work, an_officer(work.connection, role="crt_president"))
        assert "立案庭、审判员（合议庭）、书记员、执行局" in refused.value.zh
        assert "Case filing division, Judge or panel, Court clerk, Enforcement bureau" in refused.value.en
        with pytest.raises(Forbidden) as refused:
            require_keeper(work, an_officer(work.connection, role="hot_operator"))
        assert "本单位未设" in refused.value.zh
        require_keeper(work, an_officer(work.connection, role="crt_clerk"))


def test_the_role_that_is_missing_is_named_in_words(house, people):
    with house.work() as work:
        case_id = cases.open_case(work, people["asker"], process="ask_help", name="虚构案", charge="")
        (row,) = task_rows.open_tasks_of_case(work.connection, case_id)
        other = an_officer(work.connection, role="adm_legal", agency_id=people["asker"].agency_id)
        with pytest.raises(Forbidden) as refused:
            tasks.claim_task(work, other, row.id)
        assert role_name(work, "adm_officer")[0] in refused.value.zh
        assert "adm_officer" not in refused.value.zh
