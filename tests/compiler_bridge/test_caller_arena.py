"""A model whose callers bring the memory that it works in."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.support.c_sources import WARNINGS, write_sources
from tests.support.exactness import input_sets, subject
from tests.support.tools import require_tool


def test_a_model_whose_callers_own_the_arenas_owns_none_and_computes_the_same(
    int8_example: Callable[[str], Path], tmp_path: Path
) -> None:
    """Two threads with an arena each run at once; both see what one alone sees."""
    model = subject(int8_example("digits"))
    code = model.generated
    for name in write_sources(code, tmp_path):
        assert name.endswith(".c")
    prefix, macro = code.prefix, code.prefix.upper()
    (tmp_path / "threads.c").write_text(
        _TWO_THREADS.replace("PREFIX", macro).replace("prefix", prefix), encoding="utf-8"
    )
    gcc = str(require_tool("gcc"))
    flags = [*WARNINGS, "-std=c11", f"-D{macro}_CALLER_ARENA=1", "-pthread", "-O2"]
    subprocess.run(
        [gcc, *flags, "-ffp-contract=off", "threads.c", f"{prefix}.c", "-o", "threads"],
        cwd=tmp_path,
        check=True,
    )
    sets = input_sets(model.graph, n_random=2)[:2]
    stream = b"".join(array.tobytes() for arrays in sets for array in arrays)
    done = subprocess.run([tmp_path / "threads"], input=stream, capture_output=True, check=True)
    expected = b"".join(out.tobytes() for arrays in model.expected(sets) for out in arrays)
    assert done.stdout == expected
    symbols = subprocess.run(
        ["nm", tmp_path / "threads"], capture_output=True, text=True, check=True
    ).stdout
    assert f"{prefix}_invoke_in" in symbols
    assert f"{prefix}_arena" not in symbols


_TWO_THREADS = """\
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "prefix.h"

typedef struct {
    _Alignas(PREFIX_ARENA_ALIGNMENT) uint8_t arena[PREFIX_ARENA_BYTES];
    unsigned char input[PREFIX_INPUT_0_BYTES];
    int ok;
} caller;

static caller callers[2];

static void *work(void *given)
{
    caller *const me = given;
    unsigned char first[PREFIX_OUTPUT_0_BYTES];
    me->ok = 1;
    for (int i = 0; i < 200; i++) {
        memcpy(PREFIX_INPUT_0_IN(me->arena), me->input, sizeof me->input);
        prefix_invoke_in(me->arena);
        if (i == 0) {
            memcpy(first, PREFIX_OUTPUT_0_IN(me->arena), sizeof first);
        }
        me->ok &= memcmp(first, PREFIX_OUTPUT_0_IN(me->arena), sizeof first) == 0;
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        if (fread(callers[i].input, 1, PREFIX_INPUT_0_BYTES, stdin) != PREFIX_INPUT_0_BYTES) {
            return 2;
        }
    }
    for (int i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, work, &callers[i]);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        fwrite(PREFIX_OUTPUT_0_IN(callers[i].arena), 1, PREFIX_OUTPUT_0_BYTES, stdout);
    }
    return callers[0].ok && callers[1].ok ? 0 : 1;
}
"""
