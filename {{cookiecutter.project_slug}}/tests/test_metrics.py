"""Values of metrics: in memory, and in files of the worker."""

import errno
import os
import shutil

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

from {{ cookiecutter.package_name }}.runtime.telemetry import shared_values as shared

from tests.support.forks import run_in_fork


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the folder of worker 1, which does not exist yet."""
    folder = tmp_path / "metrics"
    files = shared.WorkerFiles(folder, 1)
    monkeypatch.setattr(shared.SharedValue, "files", files, raising=False)
    yield folder
    end_worker()


def end_worker() -> None:
    """Close the files of the worker."""
    for file in shared.SharedValue.files.files.values():
        file.close()


def make_value(name: str = "throws") -> shared.SharedValue:
    """Return a value as a counter makes it."""
    return shared.SharedValue("counter", name, f"{name}_total", ["die"], ["6"], "Throws.")


def read_samples(folder) -> dict[str, float]:
    """Return the samples in the files of all workers."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))
    return {one.name: one.value for metric in registry.collect() for one in metric.samples}


def refuse(descriptor: int, offset: int, length: int) -> None:
    """Fail like posix_fallocate() on a full disk."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_worker_continues_the_values_of_the_last_worker_with_its_number(folder, monkeypatch):
    make_value().inc(2)
    end_worker()
    monkeypatch.setattr(shared.SharedValue, "files", shared.WorkerFiles(folder, 1))
    make_value().inc(1)

    assert read_samples(folder) == {"throws_total": 3}


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="needs posix_fallocate()")
def test_a_file_has_no_holes_however_it_grows(folder):
    for number in range(1000):
        make_value(f"series_{number}").inc(1)

    [file] = folder.iterdir()
    assert file.stat().st_size > 64 * 1024
    assert file.stat().st_blocks * 512 >= file.stat().st_size
    assert len(read_samples(folder)) == 1000


@pytest.mark.parametrize("first", [0, 1], ids=["from the start", "later"])
def test_a_value_stays_in_memory_while_the_disk_is_full(folder, monkeypatch, caplog, first):
    values = [make_value(f"series_{number}") for number in range(first * 200)]
    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", refuse, raising=False)
        values += [make_value(f"more_{number}") for number in range(900)]
        for value in values:
            value.inc(1)
    assert [record.message for record in caplog.records] == [
        "metrics are off until their files can be written"
    ]
    for value in values:
        value.inc(1)

    assert list(read_samples(folder).values()) == [2] * len(values)


def test_all_values_are_written_again_after_their_folder_was_removed(folder):
    one, two = make_value("one"), make_value("two")
    one.inc(1)
    two.inc(2)
    shutil.rmtree(folder)
    one.inc(3)

    assert read_samples(folder) == {"one_total": 4, "two_total": 2}


def test_metrics_at_module_level_are_shared_with_what_they_have(folder):
    def share():
        made = Counter("made", "Made before."), Gauge("set", "Set before.", multiprocess_mode="max")
        throws = Counter("throws", "Throws of dice.", ["die"])
        six = throws.labels("6")
        made[0].inc()
        made[1].set(7)
        shared.share(folder, 1)
        made[0].inc()
        six.inc()
        Histogram("later", "Made later.").observe(1)
        return read_samples(folder)

    samples = run_in_fork(share)
    assert (samples["made_total"], samples["set"], samples["throws_total"]) == (2, 7, 1)
    assert samples["later_count"] == 1
