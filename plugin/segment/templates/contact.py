"""How people can be reached, and what other tools know."""

from __future__ import annotations

from .shape import Template

TEMPLATES = (
    Template(
        "subscribed-never-ordered",
        "Subscribed, never ordered",
        "push_subscribed = true AND number_of_orders = 0",
        "They are curious but not convinced yet: answer the question that holds them back.",
    ),
    Template(
        "tagged-vip",
        "Tagged VIP",
        "customer_tags CONTAINS 'VIP'",
        "Whoever you or your staff tagged by hand gets the personal word.",
    ),
    Template(
        "push-but-no-e-mail",
        "Push, but no newsletter",
        "push_subscribed = true AND email_subscription_status != 'SUBSCRIBED'",
        "Push is the only way to these people: put the news of your newsletter here, too.",
    ),
    Template(
        "newsletter-but-no-push",
        "Newsletter, but no push",
        "email_subscription_status = 'SUBSCRIBED' AND push_subscribed = false",
        "Invite them, by your newsletter, to switch the bell on.",
    ),
    Template(
        "regulars-without-push",
        "Regulars without push",
        "number_of_orders >= 3 AND push_subscribed = false",
        "Say in the parcel or by e-mail what the bell is good for.",
    ),
    Template(
        "only-push",
        "Reached by push alone",
        (
            "push_subscribed = true AND email_subscription_status != 'SUBSCRIBED' "
            "AND sms_subscription_status != 'SUBSCRIBED'"
        ),
        "Whatever is important for them must come by push: they get nothing else.",
    ),
    Template(
        "store-credit-left",
        "Have store credit left",
        "store_credit_accounts MATCHES (balance > 0)",
        "They have money here: say how much can be had for it.",
    ),
    Template(
        "clicked-lately",
        "Clicked a message lately",
        "push_clicked MATCHES (date >= -30d)",
        "They listen: what is new may go to them first.",
    ),
    Template(
        "never-click",
        "Shown five, clicked none",
        "push_shown MATCHES (date >= -60d, count >= 5) AND push_clicked NOT MATCHES (date >= -60d)",
        "Rest them before they switch you off: write less, or of other things.",
    ),
    Template(
        "loyalty-points",
        "Have 100 loyalty points",
        "event MATCHES (name = 'loyalty_points', value >= 100)",
        "Tell them what their points buy before these run out.",
    ),
    Template(
        "tenth-to-try",
        "A tenth to try things on",
        "push_subscribed = true AND random_share(10)",
        "Try a new kind of message on few; it is the same tenth each time.",
    ),
)
