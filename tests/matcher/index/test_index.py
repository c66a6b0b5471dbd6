"""The index answers as the matcher does, pair by pair, whatever the graph says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgraph.matcher.demand import Demand, Reserves
from fitgraph.matcher.facts import CompilerAnswer
from fitgraph.matcher.index.index import index_of
from fitgraph.matcher.index.levels import VERDICTS
from fitgraph.matcher.match import Question, match
from fitgraph.matcher.verdict import Match, Verdict
from fitgraph.registry.errors import NotFoundError
from fitgraph.registry.footprint import Evidence
from fitgraph.registry.runtime import Runtime
from fitgraph.registry.store import EmbeddedStore
from tests.support.random_graphs import SIZES, World, fill, worlds


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    with EmbeddedStore.open(tmp_path_factory.mktemp("index") / "graph") as opened:
        yield opened


class Told:
    """A compiler whose answers were drawn."""

    def __init__(self, answers: list[CompilerAnswer | None]) -> None:
        self._answers = answers

    def answer(self, model_sha256: str) -> CompilerAnswer | None:
        return self._answers[int(model_sha256, 16) % len(self._answers)]


ANSWERS = st.lists(
    st.none()
    | st.builds(
        CompilerAnswer,
        refusal=st.sampled_from(["", "no"]),
        arena_bytes=st.none() | SIZES,
        weights_bytes=st.none() | SIZES,
        arena_bound_bytes=st.none() | SIZES,
    ),
    min_size=1,
    max_size=3,
)
RESERVES = st.builds(Reserves, sram_bytes=st.none() | SIZES, flash_bytes=st.none() | SIZES)


def shown(found: tuple[Match, ...]) -> list[tuple[str, str, Verdict, float | None]]:
    return [(m.model, m.board, m.verdict, m.constraint("sram").margin) for m in found]


@settings(max_examples=100, deadline=None)
@given(world=worlds(), reserves=RESERVES, answers=ANSWERS)
def test_every_pair_has_the_verdict_margin_and_place_that_the_matcher_gives_it(
    store: EmbeddedStore, world: World, reserves: Reserves, answers: list[CompilerAnswer | None]
) -> None:
    fill(store, world)
    compiler = Told(answers)
    index = index_of(store, compiler=compiler, reserves=reserves)
    question = Question(Demand(reserves=reserves))
    everything = match(store, compiler=compiler, question=question)
    for model in world.models:
        name = model.names[0]
        wanted = tuple(one for one in everything if one.model == name)
        pairs = index.boards_for(name)
        assert [(p.model, p.board, p.verdict, p.sram_margin_bytes) for p in pairs] == shown(wanted)
        assert index.explained(name, top=2) == wanted[:2]
        assert index.boards_for(name, 2, 1) == pairs[1:3]
        counts = Counter(pair.verdict for pair in pairs)
        assert index.count_for(model=name) == {one: counts[one] for one in Verdict}
    for board in world.boards:
        wanted = tuple(one for one in everything if one.board == board.board_id)
        pairs = index.models_for(board.board_id)
        assert [(p.model, p.board, p.verdict, p.sram_margin_bytes) for p in pairs] == shown(wanted)
    counted = Counter(one.verdict for one in everything)
    assert index.count() == {verdict: counted[verdict] for verdict in Verdict}
    streamed = {
        (name, board.board_id, VERDICTS[level])
        for name, levels in index.pairs()
        for board, level in zip(index.boards, levels, strict=True)
    }
    assert streamed == {(one.model, one.board, one.verdict) for one in everything}


@settings(max_examples=50, deadline=None)
@given(world=worlds(), answers=ANSWERS)
def test_a_few_models_of_an_index_are_matched_as_if_it_were_made_of_them_all(
    store: EmbeddedStore, world: World, answers: list[CompilerAnswer | None]
) -> None:
    """What the compiler answers of them is told afterwards."""
    fill(store, world)
    compiler = Told(answers)
    bare, whole = index_of(store), index_of(store, compiler=compiler)
    some = bare.models[:2]
    few = bare.only(some, {one.sha256: compiler.answer(one.sha256) for one in some})
    for one in some:
        assert few.boards_for(one.name) == whole.boards_for(one.name)
        assert few.explained(one.name) == whole.explained(one.name)
        called = bare.only([replace(one, name="another name")], {})
        assert {pair.model for pair in called.boards_for("another name")} <= {"another name"}


@settings(max_examples=50, deadline=None)
@given(world=worlds(), earlier=ANSWERS, answers=ANSWERS)
def test_an_index_that_takes_over_what_an_earlier_one_had_is_as_if_made_anew(
    store: EmbeddedStore,
    world: World,
    earlier: list[CompilerAnswer | None],
    answers: list[CompilerAnswer | None],
) -> None:
    """Needs of whom the compiler answers the same are the very same ones."""
    fill(store, world)
    bare = index_of(store)
    first, then = (
        {one.sha256: compiler.answer(one.sha256) for one in bare.models}
        for compiler in (Told(earlier), Told(answers))
    )
    before = bare.only(bare.models, first)
    found, anew = bare.only(bare.models, then, before), bare.only(bare.models, then)
    assert (found.told, found.needs) == (anew.told, anew.needs)
    assert found.count() == anew.count()
    for one in bare.models:
        if first[one.sha256] == then[one.sha256]:
            assert found.needs[one.source] is before.needs[one.source]


@settings(max_examples=40, deadline=None)
@given(before=worlds(), after=worlds())
def test_after_writes_only_changed_graphs_are_read_and_the_index_is_as_if_made_anew(
    store: EmbeddedStore, before: World, after: World
) -> None:
    fill(store, before)
    index = index_of(store)
    old, new = before.graphs(), after.graphs()
    changed = [iri for iri in old.keys() | new.keys() if old.get(iri) != new.get(iri)]
    store.write(new, [iri for iri in old if iri not in new])
    refreshed, anew = index.refreshed(store, changed), index_of(store)
    assert refreshed.digest == anew.digest
    assert (refreshed.needs, refreshed.profiles) == (anew.needs, anew.profiles)
    assert refreshed.count() == anew.count()


@settings(max_examples=20, deadline=None)
@given(world=worlds())
def test_what_did_not_change_is_not_read_again(store: EmbeddedStore, world: World) -> None:
    fill(store, world)
    index = index_of(store)
    assert index.refreshed(store, ["https://example.org/another"]) is index


def test_an_unknown_name_is_named_with_what_was_meant(store: EmbeddedStore) -> None:
    runtime = Runtime("fitgraph-c", "C", (), (), Evidence.MEASURED, "made up", "Apache-2.0")
    fill(store, World(runtime, (), (), (), ()))
    index = index_of(store)
    with pytest.raises(NotFoundError, match="there is no model 'wake'"):
        index.boards_for("wake")
    with pytest.raises(NotFoundError, match="there is no board 'wake'"):
        index.models_for("wake")
