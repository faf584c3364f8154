"""Say which terms of the Data Privacy Vocabulary are broader than others, and how long spans last.

Who allowed the narrower term has not allowed the broader one. The table is the checker's own copy of
what W3C publishes: a term, then those directly below it. A term that it lacks is of a later
vocabulary, and then nothing is said of which is the broader.
Source: W3C DPV, `skos:broader` of purposes and of personal data; ISO 8601-1, 5.5.2; docs/replay.md.
"""

from collections.abc import Iterable
from typing import Final

_TABLE: Final = """
AccountManagement:
Advertising: PersonalisedAdvertising
Age: AgeRange BirthDate
Behavioural: CallLog ServiceConsumptionBehaviour
Communication: EmailContent VoiceCommunicationRecording
Contact: EmailAddress PhysicalAddress TelephoneNumber
CustomerCare: CommunicationForCustomerCare
CustomerManagement: CustomerCare CustomerOrderManagement CustomerRelationshipManagement CustomerSolvencyMonitoring
DataQualityManagement:
DisputeManagement:
Family:
Favourite: FavouriteFood
Financial:
Household:
Identifying: Name UID Username
Interest: Dislike Like
Language:
LegalCompliance:
Location: PhysicalAddress
Marketing: Advertising DirectMarketing SocialMediaMarketing
MisusePreventionAndDetection: FraudPreventionAndDetection
OptimisationForController: ImproveExistingProductsAndServices
Personalisation: PersonalisedAdvertising ServicePersonalisation
PersonalisedAdvertising: TargetedAdvertising
PhysicalAddress: PostalCode
PhysicalCharacteristic: Age Gender
Preference: Favourite Intention Interest Opinion PrivacyPreference
RequestedServiceProvision: DeliveryOfGoods
RightsFulfilment:
ServiceOptimisation: OptimisationForController
ServicePersonalisation: PersonalisedBenefits ProvidePersonalisedRecommendations
ServiceProvision: PaymentManagement RequestedServiceProvision ServiceOptimisation ServicePersonalisation ServiceUsageAnalytics
Transactional: Purchase PurchasesAndSpendingHabit Transaction
"""
_BELOW: Final = {
    above: tuple(below.split())
    for above, _, below in (line.partition(":") for line in _TABLE.strip().split("\n"))
}
KNOWN: Final = frozenset(_BELOW) | {term for below in _BELOW.values() for term in below}

# Days of the months of a common year and of a leap year, twice: 0 to 11 in a row lie somewhere in them.
_COMMON: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31) * 2
_LEAP: Final = (31, 29, *_COMMON[2:12], *_COMMON[:12])


def within(one: Iterable[str], other: Iterable[str]) -> bool:
    """Say whether each term is one of the others, or stands below one.

    >>> within({"PostalCode"}, {"Contact"}), within({"Contact"}, {"PostalCode"})
    (True, False)
    """
    covered = set(other)
    wait = list(covered)
    while wait:
        fresh = set(_BELOW.get(wait.pop(), ())) - covered
        covered |= fresh
        wait += fresh
    return covered.issuperset(one)


def days(months: int, rest: int) -> tuple[int, int]:
    """Return the fewest and the most days that so many months and then days can last.

    >>> days(1, 0), days(12, 1), days(11, 0)
    ((28, 31), (366, 367), (334, 337))
    """
    years, months = divmod(months, 12)
    sums = [sum(year[start : start + months]) for year in (_COMMON, _LEAP) for start in range(12)]
    return 365 * years + min(sums) + rest, 366 * years + max(sums) + rest
