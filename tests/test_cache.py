"""A kept knowledge base is the one that was read, and any file that is not it is ignored."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

import unmet
from tests import twins
from tests.shipped import CASE_FILES, KB, name_of
from unmet import cache, codec, directory, knowledge, loading
from unmet.coding import Coding
from unmet.policy import Policy
from unmet.vocabulary import Vocabulary


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache directory that is not there yet."""
    folder = tmp_path / "cache" / "unmet"
    monkeypatch.setenv(cache.VARIABLE, str(folder))
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A small knowledge base to change."""
    home = tmp_path / "kb"
    shutil.copytree(twins.GOOD, home)
    return home


def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The knowledge bases that are read from their files from now on."""
    found: list[Path] = []
    read = directory.read
    monkeypatch.setattr(directory, "read", lambda home: found.append(home) or read(home))  # type: ignore[func-returns-value]
    return found


def the_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


# -- it is what was read ------------------------------------------------------------------------------------------


def same(one: Any, other: Any) -> bool:
    """Equality through every field, those that comparison leaves out too."""
    if is_dataclass(one):
        names = [f.name for f in fields(one) if not f.name.startswith("_")]
        return type(one) is type(other) and all(same(getattr(one, n), getattr(other, n)) for n in names)
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[k], other[k]) for k in one)
    return type(one) is type(other) and bool(one == other)


def test_a_kept_knowledge_base_is_the_one_that_was_read(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = directory.read(KB)
    first = loading.load(KB).sources
    found = reads(monkeypatch)
    second = loading.load(KB).sources
    assert found == []
    for sources in (first, second):
        assert same(sources.words, read.words)
        assert same(sources.coding, read.coding)
        assert same(sources.codes, read.codes)
        assert list(sources.policies) == list(read.policies)
        assert all(same(sources.policies[version], read.policies[version]) for version in read.policies)


@pytest.mark.parametrize("kind", [Vocabulary, Policy, Coding])
def test_what_is_kept_says_all_there_is(kind: type[Any]) -> None:
    """Data classes are kept by the types of their fields: one that could not be read back would be lost."""
    read = directory.read(KB)
    policies = [s.policy for s in read.policies.values()]
    values: list[Any] = [read.words.vocabulary, read.coding, *policies]
    for value in (v for v in values if type(v) is kind):
        assert same(codec.read(kind, codec.written(value)), value)


def test_a_kept_knowledge_base_answers_alike(kept: Path) -> None:
    """Every case, by a knowledge base that was read and by one that was kept."""
    fresh = unmet.facade.KnowledgeBase(knowledge.Knowledge(KB, directory.read(KB)))
    unmet.load(KB)
    again = unmet.load(KB)
    assert kept.is_dir()
    for path in CASE_FILES[::7]:
        case, other = fresh.read_case(path), again.read_case(path)
        for silence in unmet.Silence:
            assert fresh.determine(case, silence=silence) == again.determine(other, silence=silence), name_of(path)


# -- it is used only where it is that ------------------------------------------------------------------------------


def test_it_is_read_once(kept: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = reads(monkeypatch)
    policies = unmet.load(small).policies
    assert unmet.load(small).policies == policies
    assert found == [small]


CHANGES: list[Callable[[Path], object]] = [
    lambda home: _edit(home / "policies" / "brace" / "2026-01-01.lp", "Brace", "Splint"),
    lambda home: _edit(home / "vocabulary" / "words.lp", "%", "%%"),
    lambda home: (home / "vocabulary" / "more.lp").write_text("% nothing\n"),
    lambda home: (home / "coding.lp").write_text("% nothing\n"),
]


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text or old.lower() in text
    path.write_text(text.replace(old, new).replace(old.lower(), new.lower()), encoding="utf-8")


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_any_file_is_seen(
    change: Callable[[Path], object], kept: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unmet.load(small)
    change(small)
    found = reads(monkeypatch)
    with_change = _outcome(small)
    monkeypatch.setenv(cache.VARIABLE, cache.OFF)
    assert with_change == _outcome(small)
    assert found == [small, small]


def _outcome(home: Path) -> object:
    try:
        return [codec.written(p) for p in unmet.load(home).policies]
    except unmet.KnowledgeError as error:
        return error.diagnostics


def test_times_and_sizes_do_not_matter(kept: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change that keeps the length of the file and its time is seen all the same."""
    path = small / "policies" / "brace" / "2026-01-01.lp"
    unmet.load(small)
    status, text = path.stat(), path.read_text(encoding="utf-8")
    title = next(p.title for p in unmet.load(small).policies)
    path.write_text(text.replace(title, title.swapcase()), encoding="utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size
    assert [p.title for p in unmet.load(small).policies] == [title.swapcase()]


def test_another_program_reads_anew(kept: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unmet.load(small)
    found = reads(monkeypatch)
    monkeypatch.setattr(cache, "CLINGO", "5.9.0")
    unmet.load(small)
    monkeypatch.setattr(cache, "_program", lambda: "another")
    unmet.load(small)
    assert found == [small, small]


def test_the_place_is_named_as_it_is_given(kept: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small.parent)
    for _ in range(2):
        assert unmet.load(small).policies[0].path.is_relative_to(small)
        assert not unmet.load("kb").policies[0].path.is_absolute()


def test_a_defect_is_told_each_time_and_never_kept(kept: Path, small: Path) -> None:
    _edit(small / "policies" / "brace" / "2026-01-01.lp", "criterion(", "criterium(")
    told = []
    for _ in range(2):
        with pytest.raises(unmet.KnowledgeError) as refused:
            unmet.load(small)
        told.append(refused.value.diagnostics)
    assert told[0] == told[1]
    assert not kept.exists()


def test_a_file_changed_while_it_was_read_is_not_kept(kept: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = directory.read

    def slowly(home: Path) -> Any:
        found = read(home)
        (home / "vocabulary" / "more.lp").write_text("% nothing\n")
        return found

    monkeypatch.setattr(directory, "read", slowly)
    unmet.load(small)
    assert not kept.exists()


# -- files that are not it -----------------------------------------------------------------------------------------

DAMAGE: list[Callable[[bytes], bytes]] = [
    lambda content: b"",
    lambda content: content[: len(content) // 2],
    lambda content: content.replace(b"brace", b"BRACE"),
    lambda content: b"unmet knowledge base \xff\xfe\n" + content,
    lambda content: os.urandom(5_000),
    lambda content: content.partition(b"\n")[0] + b"\n[]",
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_ignored_and_written_anew(
    damage: Callable[[bytes], bytes], kept: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policies = unmet.load(small).policies
    path = the_file(kept)
    content = path.read_bytes()
    path.write_bytes(damage(content))
    found = reads(monkeypatch)
    assert unmet.load(small).policies == policies
    assert found == [small]
    assert path.read_bytes() == content
    unmet.load(small)
    assert found == [small]


FORGED: list[Callable[[list[Any]], list[Any]]] = [
    lambda lines: [],
    lambda lines: [{}],
    lambda lines: [*lines[:-1], [[], "", ""]],
    lambda lines: [*lines[:-1], {"policy": 1}],
    lambda lines: [*lines[:-1], None],
    lambda lines: lines[:-1],
    lambda lines: [*lines, lines[-1]],
    lambda lines: [[[], *lines[0][1:]], *lines[1:]],
    lambda lines: [[*lines[0][:2], 7, *lines[0][3:]], *lines[1:]],
    lambda lines: [[*lines[0][:3], [1], lines[0][4]], *lines[1:]],
    lambda lines: [[*lines[0][:4], [["nothing", "2020-01-01"]] * len(lines[1:])], *lines[1:]],
    lambda lines: [[*lines[0][:4], 5], *lines[1:]],
]
"""What is whole by its checksum, and no knowledge base."""


@pytest.mark.parametrize("forge", FORGED)
def test_a_file_that_is_whole_and_no_knowledge_base_is_ignored(
    forge: Callable[[list[Any]], list[Any]], kept: Path, small: Path
) -> None:
    policies = unmet.load(small).policies
    path, key = the_file(kept), cache.fingerprint(small)
    lines = [json.loads(line) for line in path.read_bytes().partition(b"\n")[2].decode().split("\n")]
    assert key is not None
    body = "\n".join(json.dumps(line) for line in forge(lines)).encode()
    path.write_bytes(cache._head(key, body).encode() + b"\n" + body)
    assert unmet.load(small).policies == policies
    assert unmet.load(small).policies == policies


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="owners of files are those of POSIX")
def test_a_file_that_others_can_write_is_ignored(kept: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unmet.load(small)
    assert the_file(kept).stat().st_mode & 0o777 == 0o600
    assert kept.stat().st_mode & 0o777 == 0o700
    the_file(kept).chmod(0o666)
    found = reads(monkeypatch)
    unmet.load(small)
    assert found == [small]
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    unmet.load(small)
    assert found == [small, small]


def test_a_directory_in_the_place_of_the_file_is_no_obstacle(kept: Path, small: Path) -> None:
    unmet.load(small)
    path = the_file(kept)
    path.unlink()
    path.mkdir()
    for _ in range(2):
        assert unmet.load(small).policies


def test_where_nothing_can_be_written_it_is_read_each_time(
    tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file where the directory should be: neither reading nor writing works."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "file" / "below"))
    found = reads(monkeypatch)
    for _ in range(2):
        assert unmet.load(small).policies
    assert found == [small, small]


def test_a_write_that_fails_leaves_nothing_behind(kept: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert unmet.load(small).policies
    assert list(kept.iterdir()) == []


def test_many_write_at_once(kept: Path, small: Path) -> None:
    """In threads and in processes; each of them loads, and what stays is whole."""
    code = f"import unmet; print(len(unmet.load({str(small)!r}).policies))"
    running = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        found = {len(base.policies) for base in pool.map(lambda _: unmet.load(small), range(8))}
    for process in running:
        out, _ = process.communicate(timeout=120)
        found.add(int(out))
    assert len(found) == 1
    key = cache.fingerprint(small)
    assert key is not None
    assert cache.recall(small, key, lambda: directory.read(small)) is not None
    assert [path.suffix for path in kept.iterdir()] == [".unmet"]


# -- where it lies -------------------------------------------------------------------------------------------------


def test_it_can_be_switched_off(tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home" / ".cache"))
    found = reads(monkeypatch)
    for value in ("off", ""):
        monkeypatch.setenv(cache.VARIABLE, value)
        assert cache.directory() is None
        unmet.load(small)
    assert found == [small, small]
    assert not (tmp_path / "home").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the place of another system")
def test_it_lies_in_the_users_cache_directory(tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(cache.VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "here"))
    unmet.load(small)
    assert the_file(tmp_path / "here" / "unmet").is_file()


def test_only_so_many_are_kept(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_FILES", 2)
    sources = directory.read(twins.GOOD)
    for i in range(4):
        shutil.copytree(twins.GOOD, tmp_path / str(i))
        cache.keep(tmp_path / str(i), "key", sources)
        newest = max(kept.iterdir(), key=lambda p: p.stat().st_mtime_ns)
        os.utime(newest, (1_000_000 + i, 1_000_000 + i))
    found = [cache.recall(tmp_path / str(i), "key", lambda: sources) for i in range(4)]
    assert [f is not None for f in found] == [False, False, True, True]
