"""Case 9: an independent solver finds the same flows."""

import warnings

import numpy as np
import pytest
from instances import conic_flows, random_case

import opiateroutes as opr


@pytest.mark.parametrize("seed", range(500))
def test_flows_equal_those_of_a_conic_solver(seed):
    net, evidence = random_case(seed)
    n_effective = (10.0, 30.0, 100.0)[seed % 3]
    fit = opr.estimate_flows(net, evidence, n_effective=n_effective)
    with warnings.catch_warnings():
        # The solver's own wrapper warns where it stops at its reduced tolerance of 1e-10.
        warnings.simplefilter("ignore")
        conic = conic_flows(fit, n_effective)
    assert np.abs(fit.arcs_kg - conic).max() <= 1e-6 * fit.supply_kg
    assert fit.certificate.gap <= 1e-10
    assert fit.certificate.balance <= 1e-9
