"""A fork server loads of ours what each of its programs loads anyway, and of libraries what some program needs."""

from __future__ import annotations

import pytest
from grimp import build_graph

from deploy.native import plan, preload

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def graph():
    return build_graph(
        "services",
        "shared",
        "deploy",
        "sandbox",
        cache_dir=None,
        include_external_packages=True,
        exclude_type_checking_imports=True,
    )


def loaded(graph, module):
    """What a module imports, directly or not."""
    main = f"{module}.__main__"
    return graph.find_upstream_modules(main if main in graph.modules else module)


@pytest.mark.parametrize("kind", preload.MODULES)
def test_of_ours_only_what_every_program_of_the_kind_loads(graph, kind):
    programs = [program.module for program in plan.PROGRAMS if program.preload == kind]
    assert len(programs) > 1
    common = set.intersection(*(loaded(graph, module) for module in programs))
    ours = {name for name in preload.MODULES[kind] if name.split(".")[0] in {"shared", "services", "sandbox"}}
    assert ours <= common
    assert set().union(*(graph.find_upstream_modules(name) for name in ours)) <= common | external(graph)
    assert "eventlet" not in set().union(*(graph.find_upstream_modules(name) for name in ours)) or (
        kind == preload.COOPERATIVE
    )


@pytest.mark.parametrize("kind", preload.MODULES)
def test_of_libraries_only_what_a_program_of_the_kind_loads(graph, kind):
    programs = [program.module for program in plan.PROGRAMS if program.preload == kind]
    needed = set().union(*(loaded(graph, module) for module in programs)) & external(graph)
    libraries = {name.split(".")[0] for name in preload.MODULES[kind]} - {"shared"}
    assert {name for name in libraries if name not in {each.split(".")[0] for each in needed}} == set()


def external(graph):
    return {name for name in graph.modules if graph.is_module_squashed(name)}
