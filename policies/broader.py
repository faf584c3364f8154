"""Say which terms of the Data Privacy Vocabulary are broader than others.

Who allowed the narrower one has not allowed the broader one. Only terms that a code may use stand
here, each with the terms directly above it; a term without any stands alone.
Source: W3C DPV, `skos:broader` of purposes and of personal data categories.
"""

BROADER: dict[str, tuple[str, ...]] = {
    # purposes
    "Advertising": ("Marketing",),
    "CommunicationForCustomerCare": ("CustomerCare",),
    "CustomerCare": ("CustomerManagement",),
    "CustomerOrderManagement": ("CustomerManagement",),
    "CustomerRelationshipManagement": ("CustomerManagement",),
    "CustomerSolvencyMonitoring": ("CustomerManagement",),
    "DeliveryOfGoods": ("RequestedServiceProvision",),
    "DirectMarketing": ("Marketing",),
    "FraudPreventionAndDetection": ("MisusePreventionAndDetection",),
    "ImproveExistingProductsAndServices": ("OptimisationForController",),
    "OptimisationForController": ("ServiceOptimisation",),
    "PaymentManagement": ("ServiceProvision",),
    "PersonalisedAdvertising": ("Advertising", "Personalisation"),
    "PersonalisedBenefits": ("ServicePersonalisation",),
    "ProvidePersonalisedRecommendations": ("ServicePersonalisation",),
    "RequestedServiceProvision": ("ServiceProvision",),
    "ServiceOptimisation": ("ServiceProvision",),
    "ServicePersonalisation": ("ServiceProvision", "Personalisation"),
    "ServiceUsageAnalytics": ("ServiceProvision",),
    "SocialMediaMarketing": ("Marketing",),
    "TargetedAdvertising": ("PersonalisedAdvertising",),
    # categories of personal data
    "Age": ("PhysicalCharacteristic",),
    "AgeRange": ("Age",),
    "BirthDate": ("Age",),
    "CallLog": ("Behavioural",),
    "Dislike": ("Interest",),
    "EmailAddress": ("Contact",),
    "EmailContent": ("Communication",),
    "Favourite": ("Preference",),
    "FavouriteFood": ("Favourite",),
    "Gender": ("PhysicalCharacteristic",),
    "Intention": ("Preference",),
    "Interest": ("Preference",),
    "Like": ("Interest",),
    "Name": ("Identifying",),
    "Opinion": ("Preference",),
    "PhysicalAddress": ("Contact", "Location"),
    "PostalCode": ("PhysicalAddress",),
    "PrivacyPreference": ("Preference",),
    "Purchase": ("Transactional",),
    "PurchasesAndSpendingHabit": ("Transactional",),
    "ServiceConsumptionBehaviour": ("Behavioural",),
    "TelephoneNumber": ("Contact",),
    "Transaction": ("Transactional",),
    "UID": ("Identifying",),
    "Username": ("Identifying",),
    "VoiceCommunicationRecording": ("Communication",),
}


def is_a(one: str, other: str) -> bool:
    """Tell whether a term is another one, or is narrower than it.

    >>> is_a("PostalCode", "Contact"), is_a("Contact", "PostalCode")
    (True, False)
    """
    return one == other or any(is_a(parent, other) for parent in BROADER.get(one, ()))
