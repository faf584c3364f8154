import hmac
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crypto.material import DEPLOYMENT, service
from vault.core.ids import DeploymentId
from vault.crypto.hkdf import expand
from vault.crypto.service_key import Mac, ServiceKey, subkey


def test_a_subkey_is_bound_to_label_deployment_and_part():
    key = service("index")
    expected = expand(key.secret, b"label\0" + DEPLOYMENT + b"part")
    assert subkey(key, b"label\0", b"part") == expected
    assert subkey(service("index"), b"label\0", b"part") == expected


def test_the_secret_is_not_shown():
    assert bytes(range(32)).hex()[:8] not in repr(service("index"))
    assert "secret" not in repr(service("index"))


@pytest.mark.parametrize(
    ("generation", "secret", "deployment"),
    [
        (0, bytes(32), DEPLOYMENT),
        (256, bytes(32), DEPLOYMENT),
        (1, bytes(31), DEPLOYMENT),
        (1, bytes(33), DEPLOYMENT),
        (1, bytes(32), DeploymentId(bytes(15))),
        (1, bytes(32), DeploymentId(b"")),
    ],
)
def test_a_key_of_another_shape_is_refused(generation, secret, deployment):
    with pytest.raises(ValueError, match="service key"):
        ServiceKey("index", generation, secret, deployment)


@given(st.binary(min_size=32, max_size=32), st.lists(st.binary(max_size=300), max_size=5))
def test_a_mac_made_ready_is_the_hmac_of_the_standard_library(key, messages):
    expected = [hmac.digest(key, one, "sha256") for one in messages]
    mac = Mac(key)
    assert mac.of_each(messages) == expected
    assert [mac.of(one) for one in messages] == expected
    assert mac.of_each(messages) == expected, "using it changes nothing"


def test_threads_share_a_mac():
    mac, messages = Mac(bytes(32)), [bytes([one]) * 40 for one in range(200)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(mac.of, messages * 10))
    assert made == mac.of_each(messages * 10)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_mac_under_a_key_of_another_length_is_refused(size):
    with pytest.raises(ValueError, match="32 bytes"):
        Mac(bytes(size))


def test_a_mac_is_neither_shown_nor_pickled():
    key = bytes(range(32))
    shown = repr(Mac(key))
    assert not any(one in shown for one in (key.hex()[:8], repr(key)[2:-1], "sha256"))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(Mac(key), protocol)
