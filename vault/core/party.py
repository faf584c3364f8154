"""Name the parties of a consent: publisher, apps, authority, customer, and where to turn to.

An id is an address below the code of ethics; the customer's is pairwise and says nothing. The
customer has no name, address or contact here, as the guide has it, so that a receipt that is shown
around tells nobody who it is about.
Source: consent-standards note, 2 and 2.3.
"""

from policies.document import Publisher
from policies.model import Purpose, Recipient, Rulebook
from policies.vocabulary import dpv_iri

# Names with a hyphen are no ids of purposes, so these never meet an anchor of the code's page.


def publisher_id(issuer: str) -> str:
    """Return the id of the business whose code of ethics it is."""
    return f"{issuer}/code#the-publisher"


def authority_id(issuer: str) -> str:
    """Return the id of the authority where a customer can complain."""
    return f"{issuer}/code#the-authority"


def recipient_id(issuer: str, app: str) -> str:
    """Return the id of an app that may receive something."""
    return f"{issuer}/code#recipient-{app}"


def of_clause(
    rulebook: Rulebook, clause: Purpose, *, issuer: str, language: str
) -> list[dict[str, str]]:
    """Return the parties of a clause as the record holds them; the customer is the last one."""
    publisher = rulebook.code.publisher
    apps = [rulebook.recipients[app] for app in clause.recipients]
    return [
        _controller(publisher, issuer),
        *(_recipient(publisher, app, issuer, language) for app in apps),
        _authority(publisher, issuer),
    ]


def customer(principal: str) -> dict[str, str]:
    """Return the customer as a party, by a pairwise id."""
    return {"party_id": principal, "party_type": dpv_iri("DataSubject")}


def exercised_at(publisher: Publisher, right: str, *, issuer: str) -> str:
    """Return where a right is exercised: on its page where there is one, else by a request.

    Args:
        publisher: of the code of ethics.
        right: a name of https://w3id.org/dpv/legal/eu/gdpr#.
        issuer: public origin.
    """
    pages = {
        "A7-3": f"{issuer}/privacy",
        "A13": f"{issuer}/code",
        "A14": f"{issuer}/code",
        "A15": f"{issuer}/home",
        "A16": f"{issuer}/home",
        "A17": f"{issuer}/your-data/erase",
        "A18": f"{issuer}/home",
        "A20": f"{issuer}/your-data",
        "A21": f"{issuer}/privacy",
        "A77": publisher.authority.url,
    }
    return pages.get(right, f"{issuer}/requests")


def _controller(publisher: Publisher, issuer: str) -> dict[str, str]:
    said = {
        "party_id": publisher_id(issuer),
        "party_name": publisher.name,
        "party_address": publisher.address,
        "party_contact": publisher.dpo.email,
        "party_email": publisher.email,
        "party_url": publisher.url,
        "party_type": dpv_iri("DataController"),
    }
    return said | {"party_phone": publisher.phone} if publisher.phone else said


def _recipient(publisher: Publisher, app: Recipient, issuer: str, language: str) -> dict[str, str]:
    return {
        "party_id": recipient_id(issuer, app.id),
        "party_name": app.name.get(language),
        # A team of the publisher's own, or another business, of which the code names the country.
        "party_address": app.country if app.external else publisher.address,
        "party_contact": app.team.get(language),
        "party_type": dpv_iri("Recipient"),
    }


def _authority(publisher: Publisher, issuer: str) -> dict[str, str]:
    return {
        "party_id": authority_id(issuer),
        "party_name": publisher.authority.name,
        "party_address": publisher.authority.url,
        "party_contact": publisher.authority.url,
        "party_url": publisher.authority.url,
        "party_type": dpv_iri("DataProtectionAuthority"),
    }
