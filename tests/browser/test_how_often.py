"""How often the business may reach a customer, on a phone without JavaScript: typed, wrong, kept, undone."""


def test_a_limit_is_set_and_undone_on_a_phone_without_script(visit, shop):
    who = shop.customer("how.often@example.org")
    one = visit(java_script_enabled=False, viewport={"width": 320, "height": 720})
    page = one.page
    shop.sign_in(page, who)
    one.go("/privacy/terms")
    form = page.locator("form:has(#times)")
    assert "We reached you in the last 30 days, times: 0." in form.inner_text()

    page.get_by_label("Times in 30 days").fill("99")
    page.get_by_role("button", name="Set this limit").click()
    assert "Type a whole number from 1 to 30." in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Times in 30 days").input_value() == "99"
    one.complaints = [said for said in one.complaints if "status of 422" not in said]

    page.get_by_label("Times in 30 days").fill("3")
    page.get_by_role("button", name="Set this limit").click()
    status = page.get_by_role("status")
    assert "We reach you only so many times in 30 days." in status.inner_text()
    assert "times: 0. Your limit: 3." in form.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320

    status.get_by_role("button", name="Undo").click()
    assert "How often we reach you is no longer limited by you." in status.inner_text()
    assert "Your limit" not in form.inner_text()
