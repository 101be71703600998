"""Methods of gunicorn that runtime/server/ and runtime/telemetry/ override, call or assume."""

import inspect
from hashlib import sha256

import pytest
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import PollableMethodQueue, TConn, ThreadWorker

# Method -> digest of its source, when it was compared with the worker.
DIGESTS = {
    ThreadWorker.__init__: "5681b8b542ea91bf",
    ThreadWorker.init_process: "e4fc63a1a68e4f48",
    ThreadWorker.get_thread_pool: "003f3549a71b6d34",
    ThreadWorker.handle_exit: "b4e7decd4f9203ac",
    ThreadWorker.handle_quit: "36bd35a8dae5d2b5",
    ThreadWorker.set_accept_enabled: "140150ebfd3cae34",
    ThreadWorker.enqueue_req: "c9f428953d24acef",
    ThreadWorker.accept: "f8dcead3dce5c851",
    ThreadWorker.on_client_socket_readable: "aead1a3ea7b7daff",
    ThreadWorker.on_pending_socket_readable: "2475f7087832c086",
    ThreadWorker.murder_pending: "7bf11f46454296e1",
    ThreadWorker.wait_for_and_dispatch_events: "ea969b352482bd5c",
    ThreadWorker.run: "f92c7394d85715a4",
    ThreadWorker.finish_request: "616e7bb15a009ff7",
    ThreadWorker.handle: "ca85c9be3df75da4",
    PollableMethodQueue.defer: "4d722900967b8ad2",
    TConn.__init__: "c8763d7c65974e1b",
    TConn.init: "5ff3d4ba451cfdf3",
    TConn.set_timeout: "03938b63c8bb570e",
    TConn.close: "6d1c334ed1979fcb",
    Worker.init_process: "114caccd7a0e3c21",
    Worker.handle_error: "75426448389bbac9",
    Arbiter.spawn_worker: "6abc0d90b0b9f80b",
    Arbiter.stop: "7138b6afd9c46ae0",
    Logger.access: "45fce61c353b69b2",
}


@pytest.mark.parametrize("method", DIGESTS, ids=lambda method: method.__qualname__)
def test_a_method_of_gunicorn_is_unchanged(method):
    digest = sha256(inspect.getsource(method).encode()).hexdigest()[:16]

    assert digest == DIGESTS[method], (
        f"gunicorn changed {method.__qualname__}; compare it with runtime/server/worker.py and "
        f"runtime/telemetry/failures.py, then write {digest!r} here"
    )
