"""Who people are."""

from __future__ import annotations

from .shape import Template

TEMPLATES = (
    Template(
        "birthday-this-week",
        "Birthday in the next 7 days",
        "anniversary('birthday') BETWEEN today AND +7d",
        "Send wishes, and a small present that ends with the week.",
    ),
    Template(
        "known-adults",
        "Known to be 18 or older",
        "age >= 18",
        "Wine, knives and the like may be offered to these people, and to nobody else.",
    ),
    Template(
        "students", "Students", "profession = 'student'", "Give the students' discount without being asked for it."
    ),
    Template(
        "speak-german",
        "Read German",
        "customer_language = 'de'",
        "Write to people in the language that they chose in your shop.",
    ),
    Template(
        "buy-for-a-company",
        "Buy for a company",
        "companies IS NOT NULL",
        "Speak of quantities and invoices to business customers, and to them alone.",
    ),
    Template(
        "told-their-size",
        "Told you their size",
        "answered MATCHES (question = 'size', answer = '42')",
        "Show them only what is there in their size; put in a question that you ask.",
    ),
    Template(
        "gold-members",
        "Gold members",
        "customer.metafields.loyalty.tier = 'gold'",
        "Use what your loyalty app keeps in a metafield; change its name to yours.",
    ),
)
