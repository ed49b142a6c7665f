import pandas as pd

import opiateroutes as opr


def tables(evidence):
    return {name: getattr(evidence, name) for name in ("supply", "demand", "seizures", "flows")}


def test_tables_of_evidence_can_be_changed_and_given_back():
    first = opr.load_evidence(2008)
    again = opr.Evidence.from_tables(**tables(first), priors=first.priors, outside="skip")
    for name, table in tables(first).items():
        back = getattr(again, name)
        numbers = ["best_kg", "low_kg", "high_kg", "sd_kg"]
        pd.testing.assert_frame_equal(back[numbers], table[numbers])
        assert back.index.tolist() == table.index.tolist()
    assert again.flows["to_nodes"].tolist() == first.flows["to_nodes"].tolist()


def test_groups_may_stand_in_a_list_with_spaces():
    supply = pd.DataFrame({"node": ["a"], "kg": [1.0]})
    flows = pd.DataFrame({"from_node": ["a"], "to_node": ["East; b"], "kg": [0.5]})
    evidence = opr.Evidence.from_tables(supply=supply, flows=flows, groups={"East": ["d", "c"]})
    assert evidence.flows["to_nodes"].tolist() == ["b;c;d"]
