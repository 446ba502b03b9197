"""The fields of each kind of object: which exist, which may be written, and what an unset one looks like.

Taken from the schemas of Tripletex's public document 2.74.00 and the recorded answers of its test system.
One line a field: `name kind`, where kind is str, int, num, bool, date, A|B|C (one of these texts),
>Model (a reference) or *Model (a list of references). `!` after the name: set by the server, ignored in a
request. `~`: taken in a request, not shown. `=value`: what the server puts when it is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Field:
    """One field of a model."""

    name: str
    kind: str
    read_only: bool
    hidden: bool
    default: Any

    @property
    def target(self) -> str | None:
        """The model a reference leads to, None for a plain value."""
        return self.kind[1:] if self.kind[0] in ">*" else None

    @property
    def choices(self) -> list[str] | None:
        """The texts this field may have, None when any will do."""
        return self.kind.split("|") if "|" in self.kind else None


@dataclass(frozen=True)
class Model:
    """One kind of object and where it is found."""

    name: str
    path: str
    fields: dict[str, Field]


_EMPTY: Final[dict[str, Any]] = {"str": "", "int": 0, "num": 0, "bool": False, "date": None}

_TABLES: Final = {
    "Customer customer": """
        name str; organizationNumber str; globalLocationNumber int; supplierNumber int; customerNumber int;
        isSupplier bool; isCustomer! bool =true; isInactive bool; accountManager >Employee;
        department >Department; email str; invoiceEmail str; overdueNoticeEmail str; bankAccounts~ any;
        phoneNumber str; phoneNumberMobile str; description str; language NO|EN =NO; displayName! str;
        isPrivateIndividual bool; singleCustomerInvoice bool;
        invoiceSendMethod EMAIL|EHF|EFAKTURA|AVTALEGIRO|VIPPS|PAPER|MANUAL =EMAIL;
        emailAttachmentType LINK|ATTACHMENT =ATTACHMENT; postalAddress >Address; physicalAddress >Address;
        deliveryAddress >DeliveryAddress; category1 >CustomerCategory; category2 >CustomerCategory;
        category3 >CustomerCategory; invoicesDueIn int =14;
        invoicesDueInType DAYS|MONTHS|RECURRING_DAY_OF_MONTH =DAYS; currency >Currency =1;
        bankAccountPresentation *CompanyBankAccountPresentation; ledgerAccount >Account =1500;
        isFactoring bool; invoiceSendSMSNotification bool; invoiceSMSNotificationNumber str;
        isAutomaticSoftReminderEnabled bool; isAutomaticReminderEnabled bool;
        isAutomaticNoticeOfDebtCollectionEnabled bool; discountPercentage num; website str""",
    "Contact contact": """
        firstName str; lastName str; displayName! str; email str; phoneNumberMobileCountry >Country =161;
        phoneNumberMobile str; phoneNumberWork str; customer >Customer; department >Department;
        isInactive bool""",
    "Address address": """
        addressLine1 str; addressLine2 str; postalCode str; city str; country >Country =161;
        displayName! str; addressAsString! str; displayNameInklMatrikkel! str; knr int; gnr int; bnr int;
        fnr int; snr int; unitNumber str""",
    "DeliveryAddress deliveryAddress": """
        addressLine1 str; addressLine2 str; postalCode str; city str; country >Country =161;
        displayName! str; addressAsString! str; displayNameInklMatrikkel! str; knr int; gnr int; bnr int;
        fnr int; snr int; unitNumber str; name str; customerVendor >Company""",
    "Product product": """
        name str; number str; displayNumber! str; description str; orderLineDescription str; ean~ str;
        elNumber~! str; nrfNumber~! str; costExcludingVatCurrency num; expenses~ num;
        expensesInPercent~! num; costPrice! num; profit~! num; profitInPercent~! num;
        priceExcludingVatCurrency num; priceIncludingVatCurrency num; isInactive bool;
        discountGroup~ >DiscountGroup; productUnit >ProductUnit; isStockItem~ bool; stockOfGoods~! num;
        availableStock~! num; incomingStock! num; outgoingStock! num; vatType >VatType =3;
        currency >Currency =1; department >Department; account >Account; discountPrice~! num;
        supplier >Supplier; resaleProduct >Product; isDeletable bool; hasSupplierProductConnected bool;
        weight~ num; weightUnit~ kg|g|hg; volume~ num; volumeUnit~ cm3|dm3|m3; hsnCode~ str;
        image >Document; markupListPercentage~! num; markupNetPercentage~! num; displayName! str;
        mainSupplierProduct >SupplierProduct; isRoundPriceIncVat! bool; disableDiscount bool;
        priceInTargetCurrency! num; purchasePriceCurrency! num; minStockLevel~ num""",
    "Order order": """
        customer >Customer; contact >Contact; attn >Contact; displayName! str; receiverEmail str;
        overdueNoticeEmail str; number str; reference str; contractReference str; ourContact~ >Contact;
        ourContactEmployee~ >Employee; department >Department; orderDate date; project >Project;
        invoiceComment str; internalComment str; currency >Currency =1; invoicesDueIn int =14;
        status~ @OrderStatus;
        invoicesDueInType DAYS|MONTHS|RECURRING_DAY_OF_MONTH =DAYS; isShowOpenPostsOnInvoices bool;
        isClosed bool; deliveryDate date; deliveryAddress >DeliveryAddress; deliveryComment str;
        isPrioritizeAmountsIncludingVat bool; orderLineSorting ID|PRODUCT|PRODUCT_DESCENDING|CUSTOM =PRODUCT;
        orderGroups *OrderGroup; orderLines *OrderLine; isSubscription bool; subscriptionDuration int;
        subscriptionDurationType MONTHS|YEAR =MONTHS; subscriptionPeriodsOnInvoice int;
        subscriptionPeriodsOnInvoiceType! str =MONTHS;
        subscriptionInvoicingTimeInAdvanceOrArrears ADVANCE|ARREARS =ADVANCE; subscriptionInvoicingTime int;
        subscriptionInvoicingTimeType DAYS|MONTHS =MONTHS; isSubscriptionAutoInvoicing bool;
        preliminaryInvoice >Invoice; attachment! *Document; attachmentRelation! *Document;
        sendMethodDescription str; canCreateBackorder~! bool; backorderParentId! int;
        invoiceOnAccountVatHigh bool; totalInvoicedOnAccountAmountAbsoluteCurrency! num;
        invoiceSendSMSNotification! bool; invoiceSMSNotificationNumber str; markUpOrderLines num;
        discountPercentage num; customerName! str; projectManagerNameAndNumber! str;
        travelReports! *TravelExpense; accountingDimensionValues! *AccountingDimensionValue""",
    "OrderLine order/orderline": """
        product >Product; inventory >Inventory; inventoryLocation~ >InventoryLocation; description str;
        displayName! str; count num =1; unitCostCurrency num; unitPriceExcludingVatCurrency num;
        currency >Currency =1; markup num; discount num; vatType >VatType =3;
        amountExcludingVatCurrency! num; amountIncludingVatCurrency! num; vendor >Company; order >Order;
        unitPriceIncludingVatCurrency num; isSubscription bool; subscriptionPeriodStart date;
        subscriptionPeriodEnd date; orderGroup >OrderGroup; sortIndex int; isPicked bool; pickedDate date;
        orderedQuantity num; isCharged bool; sourceOrderLineId! int; originalOrderedQuantity! num;
        deliveredQuantity! num""",
    "Invoice invoice": """
        invoiceNumber int; invoiceDate date; customer >Customer; creditedInvoice! int; isCredited! bool;
        invoiceDueDate date; kid str; invoiceComment! str; comment str; orders *Order;
        orderLines! *OrderLine; travelReports! *TravelExpense; projectInvoiceDetails! *ProjectInvoiceDetails;
        voucher >Voucher; deliveryDate! date; amount! num; amountCurrency! num; amountExcludingVat! num;
        amountExcludingVatCurrency! num; amountRoundoff! num; amountRoundoffCurrency! num;
        amountOutstanding! num; amountCurrencyOutstanding! num; amountOutstandingTotal! num;
        amountCurrencyOutstandingTotal! num; sumRemits! num; currency >Currency =1; isCreditNote! bool;
        isCharged! bool; isApproved! bool; postings! *Posting; reminders! *Reminder; invoiceRemarks str;
        invoiceRemark >InvoiceRemark; paymentTypeId~ int; paidAmount~ num;
        isPeriodizationPossible! bool =true; documentId! int;
        ehfSendStatus~ DO_NOT_SEND|SEND|SENT|SEND_FAILURE_RECIPIENT_NOT_FOUND""",
    "Country country": """
        name! str; displayName! str; isoAlpha2Code! str; isoAlpha3Code! str; isoNumericCode! str""",
    "Currency currency": "code str; description str; factor int; displayName str; isDisabled bool",
    "VatType ledger/vatType": """
        name str; number str; displayName str; percentage num; deductionPercentage num; parentType >VatType""",
    "Subscription event/subscription": """
        event str; targetUrl str; fields str;
        status ACTIVE|DISABLED|DISABLED_TOO_MANY_ERRORS|DISABLED_RATE_LIMIT_EXCEEDED|DISABLED_MISUSE =ACTIVE;
        authHeaderName str; authHeaderValue~ str; hmacSharedSecret~ str""",
    "LoggedInUserInfo token/session/>whoAmI": """
        employeeId! int; actualEmployeeId! int; employee >Employee; companyId! int; company >Company;
        language! str; loggedInWithConnect! bool; employeeIsProxy! bool""",
}  # fmt: skip

# Objects that are referred to and not offered: only their place is known.
_PLACES: Final = {
    "Employee": "employee",
    "Department": "department",
    "Company": "company",
    "Account": "ledger/account",
    "CustomerCategory": "customer/category",
    "CompanyBankAccountPresentation": "bank/presentation",
    "DiscountGroup": "product/discountGroup",
    "ProductUnit": "product/unit",
    "Supplier": "supplier",
    "SupplierProduct": "product/supplierProduct",
    "Document": "document",
    "Project": "project",
    "OrderGroup": "order/orderGroup",
    "TravelExpense": "travelExpense",
    "AccountingDimensionValue": "ledger/accountingDimensionValue",
    "Inventory": "inventory",
    "InventoryLocation": "inventory/location",
    "ProjectInvoiceDetails": "invoice/details",
    "Voucher": "ledger/voucher",
    "Posting": "ledger/posting",
    "Reminder": "reminder",
    "InvoiceRemark": "invoiceRemark",
}


_CHOICES: Final = {
    "@OrderStatus": "NOT_CHOSEN|NEW|CONFIRMATION_SENT|READY_FOR_PICKING|PICKED|PACKED|READY_FOR_SHIPPING|"
    "READY_FOR_INVOICING|INVOICED|CANCELLED",
}


def _field(line: str) -> Field:
    parts = line.split()
    name = parts[0].rstrip("!~")
    kind = _CHOICES.get(parts[1], parts[1])
    given = parts[2][1:] if len(parts) > 2 else None  # noqa: PLR2004  # name, kind, default
    default: Any = [] if kind[0] == "*" else _EMPTY.get(kind)
    if given is not None:
        default = _given(kind, given)
    flags = parts[0][len(name) :]
    return Field(name, kind, read_only="!" in flags, hidden="~" in flags, default=default)


def _given(kind: str, text: str) -> Any:
    if kind[0] == ">":
        return {"id": int(text)}
    if kind == "bool":
        return text == "true"
    return int(text) if kind in ("int", "num") else text


def _model(title: str, table: str) -> Model:
    name, _, path = title.partition(" ")
    own = [Field("id", "int", read_only=False, hidden=False, default=0)]
    own.append(Field("version", "int", read_only=False, hidden=False, default=0))
    own.append(Field("changes", "any", read_only=True, hidden=True, default=None))
    own.append(Field("url", "str", read_only=True, hidden=False, default=""))
    fields = own + [_field(line) for line in table.split(";")]
    return Model(name, path, {field.name: field for field in fields})


MODELS: Final[dict[str, Model]] = {
    **{name: _model(f"{name} {path}", "displayName! str") for name, path in _PLACES.items()},
    **{title.split()[0]: _model(title, table) for title, table in _TABLES.items()},
}
