"""The rows of the example's schedules, bookings, conversations and reminders."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from migration.seedcase.business import clients, services, staff
from migration.seedcase.primitives import (
    COUNTS,
    NOW,
    TODAY,
    YCLIENTS_COMPANY,
    Row,
    money,
    phone_number,
    rng_for,
)


def staff_schedules() -> Iterator[Row]:
    rng = rng_for("staff_schedules")
    people = {row["id"]: row["name"] for row in staff()}
    number = 0
    day = TODAY
    while number < COUNTS["staff_schedules"]:
        for person in range(1, COUNTS["staff"]):  # the last one has left
            if number == COUNTS["staff_schedules"]:
                break
            number += 1
            off = number % 6 == 0  # 8 days off
            total = 0 if off else 12
            busy = 0 if off else rng.randrange(0, 10)
            yield dict(
                id=number,
                company_id=YCLIENTS_COMPANY,
                staff_id=person,
                staff_name=people[person],
                date=day,
                is_working=not off,
                work_start=None if off else time(10),
                work_end=None if off else time(22),
                break_start=None if off else time(14),
                break_end=None if off else time(15),
                slots=[] if off else [{"from": f"{h}:00", "to": f"{h + 1}:00"} for h in range(10, 22)],
                slots_total=total,
                slots_busy=busy,
                slots_free=total - busy,
                first_free_slot=None if off else time(10),
                last_free_slot=None if off else time(21),
                has_morning_slots=not off,
                has_evening_slots=not off,
                working_minutes=0 if off else 660,
                busy_minutes=60 * busy,
                load_percent=None if off else money(Decimal(busy) * 100 / total),
                day_of_week=day.isoweekday(),
                is_holiday=False,
                is_day_off=off,
                absence_reason=rng.choice(("выходной", "отпуск")) if off else None,
                schedule_version=1,
                raw_data={"date": day.isoformat(), "is_working": int(not off)},
                last_sync_at=NOW - timedelta(minutes=30),
                created_at=NOW - timedelta(days=1),
                updated_at=NOW,
            )
        day += timedelta(days=1)


def bookings() -> Iterator[Row]:
    rng = rng_for("bookings")
    people = list(clients())
    offers = [row for row in services() if row["price"] is not None]
    masters = list(staff())
    for number in range(1, COUNTS["bookings"] + 1):
        client = rng.choice(people)
        offer, master = rng.choice(offers), rng.choice(masters[:-1])
        unknown = number % 19 == 0  # 2 bookings have no client
        starts = datetime.combine(
            TODAY + timedelta(days=rng.randrange(-20, 10)), time(rng.randrange(7, 18)), UTC
        )
        past = starts < NOW
        status = rng.choice(
            ("completed", "completed", "no_show", "cancelled") if past else ("active", "active", "confirmed")
        )
        yield dict(
            id=number,
            yclients_record_id=880_000_000 + 211 * number,
            company_id=YCLIENTS_COMPANY,
            client_id=None if unknown else client["id"],
            client_name=None if unknown else client["name"],
            client_phone=None if unknown else client["phone"],
            client_yclients_id=None if unknown else client["yclients_id"],
            staff_id=master["id"],
            staff_name=master["name"],
            service_id=offer["id"],
            services=[{"id": offer["yclients_id"], "title": offer["name"], "cost": int(offer["price"])}],
            service_names=[offer["name"]],
            datetime=starts,
            date=starts.date(),
            seance_length=offer["duration"],
            status=status,
            attendance={"completed": 1, "no_show": -1}.get(status, 0),
            cost=offer["price"],
            discount=money(0),
            cost_to_pay=offer["price"],
            paid=status == "completed",
            prepaid_amount=None,
            comment=rng.choice((None, None, "Опоздает на 10 минут")),
            online=number % 3 == 0,
            created_by_bot=number % 2 == 0,
            visit_id=770_000_000 + number,
            confirmed=status in ("confirmed", "completed"),
            deleted=status == "cancelled",
            sms_before_hours=2,
            reminder_sent=past,
            reminder_sent_at=starts - timedelta(hours=2) if past else None,
            ai_created_context={"message": "Запишите меня на завтра"} if number % 2 == 0 else None,
            raw_data={
                "id": 880_000_000 + 211 * number,
                "attendance": 0,
                "services": [{"title": offer["name"]}],
            },
            last_sync_at=NOW - timedelta(minutes=15),
            created_at=starts - timedelta(days=3),
            updated_at=NOW - timedelta(hours=number),
        )


def dialog_contexts() -> Iterator[Row]:
    rng = rng_for("dialog_contexts")
    people = list(clients())
    for number in range(1, COUNTS["dialog_contexts"] + 1):
        person = people[number * 31]
        phone = phone_number(person["id"])
        messages = [
            {"role": "user", "text": "Привет! Есть время завтра?"},
            {"role": "bot", "text": "Здравствуйте! Есть 12:00 и 15:30 ⏰"},
        ]
        open_ = number % 3 != 0  # 8 of the 26 are closed
        yield dict(
            id=number,
            user_id=f"{phone}@c.us",
            company_id=None if number % 13 == 0 else YCLIENTS_COMPANY,  # 2 without a company
            client_phone=phone,
            client_name=person["name"],
            context={"step": "choose_time", "service": "Мужская стрижка"},
            messages=messages,
            messages_count=len(messages),
            state="active" if open_ else "closed",
            current_intent="booking",
            previous_intent="greeting",
            pending_action={"type": "confirm"} if open_ else None,
            selected_service_id=1,
            selected_service_name="Мужская стрижка",
            selected_staff_id=1 + number % 11,
            selected_staff_name=None,
            selected_date=TODAY + timedelta(days=1),
            selected_time=time(12),
            last_command="SEARCH_SLOTS",
            last_user_message=messages[0]["text"],
            last_bot_message=messages[1]["text"],
            last_message_at=NOW - timedelta(hours=number),
            language="ru",
            ai_model="gemini",
            ai_tokens_used=rng.randrange(300, 4000),
            ai_satisfaction=None if open_ else Decimal("4.50"),
            errors_count=0,
            expires_at=NOW + timedelta(days=1),
            created_at=NOW - timedelta(days=number),
            updated_at=NOW - timedelta(hours=number),
        )


def reminders() -> Iterator[Row]:
    visits = list(bookings())
    for number in range(1, COUNTS["reminders"] + 1):
        visit = visits[number]
        sent = visit["datetime"] < NOW
        yield dict(
            id=number,
            booking_id=visit["id"],
            company_id=YCLIENTS_COMPANY,
            client_phone=visit["client_phone"] or phone_number(0),
            kind="2h",
            scheduled_for=visit["datetime"] - timedelta(hours=2),
            sent_at=visit["datetime"] - timedelta(hours=2) if sent else None,
            status="sent" if sent else "pending",
            attempts=int(sent),
            last_error=None,
            message=f"Ждём вас в {visit['datetime']:%H:%M} 💈",
            created_at=visit["created_at"],
            updated_at=visit["updated_at"],
        )
