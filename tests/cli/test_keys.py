"""An epoch is begun by hand, and shown."""


def test_an_epoch_is_begun_once_and_shown(made):
    made.run("customer", "add", "--source", "told", "--email", "ana@example.org")
    done = made.run("keys", "rotate")
    assert (done.code, done.out[:12]) == (0, "A new epoch'")
    again = made.run("keys", "rotate")
    assert again.out.startswith("Nothing is due.")
    shown = made.run("keys", "list").out
    assert "active" in shown
    assert "made" in shown
    assert "\t2\n" in shown  # both keys of the one customer lie under the first
    assert made.run("customer", "add", "--source", "told", "--email", "b@example.org").code == 0
