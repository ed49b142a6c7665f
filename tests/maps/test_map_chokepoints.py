import opiateroutes as opr
from opiateroutes.maps.chokepoint_layer import chokepoint_payload


def test_a_rank_goes_with_its_stability_or_without_print():
    net, evidence = opr.load_network(), opr.load_evidence(2010)
    sampled = opr.sample_flows(net, evidence, draws=32)
    drawn = chokepoint_payload(opr.find_chokepoints(sampled, reaction=(0, 1)))
    alone = chokepoint_payload(opr.find_chokepoints(sampled.fit, reaction=(0, 1)))
    assert drawn["top"] == alone["top"] == 5
    for row, same in zip(drawn["rows"], alone["rows"], strict=True):
        for entry, bare in zip(row["at"], same["at"], strict=True):
            assert entry["rankLow"] <= entry["rankHigh"]
            assert entry["low"] <= entry["high"]
            assert 0 <= entry["inTop"] <= 1
            assert bare["inTop"] is bare["low"] is bare["rankLow"] is None
            assert entry["rank"] == bare["rank"]
