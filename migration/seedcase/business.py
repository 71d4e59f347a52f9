"""The rows of the example's company, services, staff and clients."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from migration.seedcase.primitives import (
    COUNTS,
    NOW,
    TODAY,
    YCLIENTS_COMPANY,
    Row,
    money,
    phone_number,
    rng_for,
    shown,
    stamp_between,
)
from migration.seedcase.vocabulary import CATEGORIES, FEMALE, MALE, POSITIONS, SURNAMES


def _person(rng: random.Random) -> tuple[str, str, bool]:
    """First name, surname, and whether it is a woman."""
    woman = rng.random() < 0.6
    first = rng.choice(FEMALE if woman else MALE)
    last = rng.choice(SURNAMES)
    return first, last + ("а" if woman else ""), woman


def companies() -> Iterator[Row]:
    rng = rng_for("companies")
    address = "Москва, ул. Вымышленная, 7, стр. 2"
    raw = {
        "id": YCLIENTS_COMPANY,
        "title": "Барбершоп «Север» ✂️",
        "country_id": 1,
        "city": "Москва",
        "address": address,
        "phones": ["+70000000001", "+70000000002"],
        "coordinate_lat": 55.75,
        "coordinate_lon": 37.61,
        "currency_short_title": "₽",
        "social": {"telegram": None, "vk": "https://vk.example/sever"},
        "bookforms": [{"id": rng.randrange(10**6), "is_default": 1}],
    }
    hours = {
        day: {"from": "10:00", "to": "22:00"} for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    }
    yield dict(
        id=YCLIENTS_COMPANY,
        company_id=YCLIENTS_COMPANY,
        title="Барбершоп «Север»",
        public_title="Север ✂️",
        short_description="Стрижки, маникюр и брови рядом с метро",
        address=address,
        city="Москва",
        country="Россия",
        coordinates={"lat": 55.75, "lon": 37.61},
        phone="+70000000001",
        phones=["+70000000001", "+70000000002"],
        email="sever@example.com",
        website="https://sever.example.com",
        logo_url="https://img.example.com/sever.png",
        business_type="barbershop",
        currency="RUB",
        timezone="Europe/Moscow",
        working_hours=hours,
        booking_url="https://book.example.com/sever",
        social_links={"vk": "https://vk.example/sever"},
        clients_count=COUNTS["clients"],
        staff_count=COUNTS["staff"],
        services_count=COUNTS["services"],
        average_rating=Decimal("4.87"),
        reviews_count=412,
        bot_enabled=True,
        bot_greeting="Здравствуйте! Это «Север» 👋 Чем помочь?",
        whatsapp_enabled=True,
        whatsapp_phone="+70000000002",
        whatsapp_session_id=f"company_{YCLIENTS_COMPANY}",
        whatsapp_connected=True,
        whatsapp_connected_at=datetime(2025, 11, 6, 9, 12, tzinfo=UTC),
        whatsapp_config={"reconnect": True, "read_receipts": False},
        raw_data=raw,
        last_sync_at=NOW - timedelta(hours=1),
        created_at=datetime(2025, 5, 2, 8, tzinfo=UTC),
        updated_at=NOW,
    )


def services() -> Iterator[Row]:
    rng = rng_for("services")
    number = 0
    for category, (category_id, category_name, names) in enumerate(CATEGORIES):
        for name in names:
            number += 1
            low = 100 * rng.randrange(4, 60)
            high = low + 100 * rng.choice((0, 0, 5, 10, 20))
            unpriced = number % 16 == 0  # 3 services have no price
            seconds = 900 * rng.choice((1, 2, 3, 4, 6, 8))
            active = number % 12 != 0  # 5 services are switched off
            yield dict(
                id=number,
                yclients_id=18_000_000 + 37 * number,
                company_id=YCLIENTS_COMPANY,
                name=name,
                booking_title=name + " онлайн" if number % 3 == 0 else None,
                category_id=category_id,
                category_name=category_name,
                description=f"{name}: консультация, работа мастера, укладка" if number % 2 else None,
                price=None if unpriced else money(low),
                price_min=None if unpriced else money(low),
                price_max=None if unpriced else money(high),
                discount=money(rng.choice((0, 0, 0, 10))),
                duration=seconds,
                technical_break=rng.choice((None, 0, 300)),
                is_active=active,
                is_online=active,
                is_composite="+" in name,
                prepaid=rng.choice((None, "forbidden", "allowed")),
                weight=100 - number,
                image_url=None,
                synonyms=[name.lower(), category_name.lower()],
                declensions={"nominative": name, "accusative": name.lower()},
                staff_ids=sorted(rng.sample(range(1, COUNTS["staff"] + 1), 3)),
                bookings_count=rng.randrange(0, 400),
                popularity_score=Decimal(rng.randrange(0, 99999)) / 1000,
                vat_id=None,
                tax_variant=None,
                ai_description=f"Категория «{category_name}», {seconds // 60} минут",
                raw_data={
                    "id": 18_000_000 + 37 * number,
                    "title": name,
                    "seance_length": seconds,
                    "price_min": low,
                    "price_max": high,
                    "category_id": category_id,
                },
                last_sync_at=NOW - timedelta(hours=1),
                created_at=datetime(2025, 5, 2, 9, tzinfo=UTC),
                updated_at=NOW - timedelta(days=category),
            )


def staff() -> Iterator[Row]:
    rng = rng_for("staff")
    for number in range(1, COUNTS["staff"] + 1):
        first, last, _ = _person(rng)
        position_id, position = POSITIONS[number % len(POSITIONS)]
        fired = number == COUNTS["staff"]  # the last one has left
        yield dict(
            id=number,
            yclients_id=2_900_000 + 113 * number,
            company_id=YCLIENTS_COMPANY,
            name=f"{first} {last}",
            specialization=position,
            position_id=position_id,
            position_title=position,
            phone=phone_number(9_000_000 + number),
            email=f"master{number}@example.com",
            avatar_url=f"https://img.example.com/staff/{number}.jpg",
            bio=f"{position}, опыт {number + 1} лет",
            rating=Decimal(rng.randrange(420, 500)) / 100,
            votes_count=rng.randrange(10, 300),
            comments_count=rng.randrange(5, 120),
            is_active=not fired,
            is_bookable=not fired,
            hidden=fired,
            fired=fired,
            dismissal_date=date(2025, 9, 30) if fired else None,
            hired_at=date(2023, 1, 9) + timedelta(days=61 * number),
            schedule_till=None if fired else date(2025, 12, 31),
            weight=number,
            service_ids=sorted(rng.sample(range(1, COUNTS["services"] + 1), 9)),
            declensions={"dative": first},
            experience_years=number + 1,
            average_check=money(rng.randrange(1500, 4500)),
            bookings_count=rng.randrange(50, 900),
            ai_description=f"{first}: {position.lower()}, приветливый мастер",
            raw_data={
                "id": 2_900_000 + 113 * number,
                "name": f"{first} {last}",
                "fired": int(fired),
                "position": {"id": position_id, "title": position},
            },
            last_sync_at=NOW - timedelta(hours=1),
            created_at=datetime(2025, 5, 2, 9, 30, tzinfo=UTC),
            updated_at=NOW,
        )


def clients() -> Iterator[Row]:
    rng = rng_for("clients")
    for number in range(1, COUNTS["clients"] + 1):
        first, last, woman = _person(rng)
        no_phone = number % 150 == 0  # 8 clients have no phone
        two_phones = number % 430 == 0  # 3 have two phones in one field
        phone: str | None = shown(phone_number(number), rng.choice((0, 0, 0, 1, 1, 2, 3)))
        if two_phones:
            phone = f"{phone_number(number)}, {phone_number(5_000_000 + number)}"
        if no_phone:
            phone = None
        gender = None if number % 9 == 0 else ("female" if woman else "male")
        if number % 100 == 7:
            gender = "unknown"  # 13 clients
        visits = 0 if rng.random() < 0.15 else 1 + int(rng.expovariate(0.18))
        history: list[Row] = []
        day = TODAY
        for _ in range(min(visits, 10)):
            day -= timedelta(days=rng.randrange(12, 60))
            history.append(
                {
                    "date": day.isoformat(),
                    "service_id": rng.randrange(1, 64),
                    "staff_id": rng.randrange(1, 13),
                    "cost": 100 * rng.randrange(5, 50),
                }
            )
        last_visit = date.fromisoformat(history[0]["date"]) if history else None
        first_visit = date.fromisoformat(history[-1]["date"]) if history else None
        average = money(rng.randrange(900, 4200)) if visits else None
        talked = rng.random() < 0.3
        level = "new" if visits < 2 else "bronze" if visits < 5 else "silver" if visits < 12 else "gold"
        created = stamp_between(rng, datetime(2025, 5, 2, tzinfo=UTC), NOW)
        yield dict(
            id=number,
            yclients_id=71_000_000 + 17 * number,
            company_id=YCLIENTS_COMPANY,
            name=first,
            surname=last if rng.random() < 0.7 else None,
            phone=phone,
            email=f"client{number}@example.com" if rng.random() < 0.35 else None,
            birth_date=date(1960, 1, 1) + timedelta(days=rng.randrange(17000))
            if rng.random() < 0.4
            else None,
            gender=gender,
            discount=Decimal("7.50") if number % 50 == 0 else money(rng.choice((0, 0, 0, 5, 10))),
            card_number=f"C{number:06d}" if number % 4 == 0 else None,
            comment=rng.choice(
                (
                    None,
                    None,
                    None,
                    "Любит кофе без сахара",
                    "Аллергия на аммиак ⚠️",
                    "Пишет поздно вечером",
                    "Просит «как в прошлый раз»",
                )
            ),
            categories=[{"id": 1, "title": "VIP"}] if level == "gold" else [],
            tags=[level] + (["bot"] if talked else []),
            source=rng.choice(("whatsapp", "instagram", "2gis", "рекомендация", None)),
            language="ru",
            blacklisted=number % 260 == 0,
            marketing_consent=rng.random() < 0.5,
            sms_allowed=rng.random() < 0.9,
            visit_count=visits,
            no_show_count=visits // 8,
            first_visit_date=first_visit,
            last_visit_date=last_visit,
            total_spent=(average or Decimal(0)) * visits,
            average_check=average,
            balance=money(rng.choice((0, 0, 0, 500, -300))),
            visit_history=history,
            last_service_names=["Мужская стрижка"] if history else [],
            favorite_service_ids=sorted({v["service_id"] for v in history})[:3],
            favorite_staff_ids=sorted({v["staff_id"] for v in history})[:2],
            preferred_time=rng.choice(("morning", "day", "evening", None)),
            loyalty_level=level,
            churn_risk=Decimal(rng.randrange(0, 1000)) / 1000,
            ai_context={"greeted": True, "topics": ["запись", "цены"]} if talked else None,
            ai_messages=[
                {"role": "user", "text": "Здравствуйте, можно записаться?"},
                {"role": "bot", "text": f"{first}, конечно! 🙂"},
            ]
            if talked
            else None,
            ai_satisfaction=Decimal(rng.randrange(300, 500)) / 100 if talked else None,
            ai_summary=f"{first}: спрашивает о записи" if talked else None,
            ai_last_intent="booking" if talked else None,
            ai_tone=rng.choice(("friendly", "formal")) if talked else None,
            ai_last_contact_at=NOW - timedelta(days=rng.randrange(1, 90)) if talked else None,
            raw_data={
                "id": 71_000_000 + 17 * number,
                "name": first,
                "phone": phone,
                "sex_id": 1 if woman else 2,
                "visits": visits,
                "custom_fields": {"кличка": "Шарик"} if number % 97 == 0 else {},
            },
            last_sync_at=NOW - timedelta(hours=2),
            created_at=created,
            updated_at=created + timedelta(days=rng.randrange(0, 30)),
        )
