import pytest

from tests.crypto.material import DEPLOYMENT, service
from vault.core.ids import DeploymentId
from vault.crypto.hkdf import expand
from vault.crypto.service_key import ServiceKey, subkey


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
