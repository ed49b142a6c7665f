import os

from opiateroutes.chokepoints import quiet_milp as module
from opiateroutes.chokepoints.quiet_milp import quiet_milp


def test_what_a_solver_writes_past_python_goes_nowhere(capfd, monkeypatch):
    def loud(*_, **__):
        os.write(1, b"debugging")
        return "solved"

    monkeypatch.setattr(module, "milp", loud)
    print("before")  # noqa: T201 - what it is about
    assert quiet_milp([1.0]) == "solved"
    print("after")  # noqa: T201
    assert capfd.readouterr().out == "before\nafter\n"


def test_a_process_without_output_solves_all_the_same(monkeypatch):
    def closed(_):
        raise OSError

    monkeypatch.setattr(module.os, "dup", closed)
    assert quiet_milp([1.0], integrality=[1], bounds=(0.5, 3.0)).x.tolist() == [1.0]
