"""Two modules know how to encrypt: one seals values, the other commits to payloads.

A third caller of the cipher could forget the context that keeps a value from being moved.
"""

from tests.rules.tree import Source, planted, sources

CIPHERS = ("AESGCM", "AESGCMSIV", "AESCCM", "AESOCB3", "AESSIV", "ChaCha20Poly1305")
HOMES = {"vault/crypto/committed.py", "vault/crypto/sealed.py"}
CHECKER = "vault/verifier/"


def violations(tree: list[Source]) -> list[str]:
    """Name each line that names an authenticated cipher outside of its homes."""
    return sorted(
        {
            f"{source.path}:{line} names {name.rpartition('.')[2]}"
            for source in tree
            if source.path not in HOMES and not source.path.startswith(CHECKER)
            for line, name in source.names()
            if set(name.split(".")) & set(CIPHERS)
        }
    )


def test_only_two_modules_encrypt():
    assert violations(sources()) == []


def test_a_third_caller_is_found(tmp_path):
    text = "from cryptography.hazmat.primitives.ciphers.aead import AESGCM as Box\n\nx = Box(b'')\n"
    assert violations(planted(tmp_path, "vault/crypto/keys.py", text)) == [
        "vault/crypto/keys.py:1 names AESGCM",
        "vault/crypto/keys.py:3 names AESGCM",
    ]


def test_a_whole_module_import_is_no_way_around(tmp_path):
    text = "from cryptography.hazmat.primitives.ciphers import aead\n\nx = aead.AESGCM(b'')\n"
    assert violations(planted(tmp_path, "vault/services/key.py", text)) == [
        "vault/services/key.py:3 names AESGCM"
    ]
