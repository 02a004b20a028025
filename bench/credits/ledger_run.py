"""Random operations on the ledger with crashes in between, and a simple model that says what the balances must be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from database import end_read, session, transaction
from lib.clock import now
from models import CreditEntry, CreditGrant, CreditHold, CreditTransaction
from services.credits import grants, holds
from services.credits.balances import balance
from services.credits.errors import HoldEnded, InsufficientCredits
from services.credits.grants import PRIORITIES, NewGrant, Source
from services.credits.ledger import Account, Cause, by_grant
from services.credits.statements import as_csv, statement

SOURCES = tuple(Source)


class Crash(Exception):
    """The process ends before the commit."""


@dataclass
class ModelGrant:
    source: Source
    amount: int
    expires_in_days: int | None
    remaining: int
    is_expired: bool = False


@dataclass
class ModelHold:
    parts: list[tuple[str, int]]  # key of the grant, credits
    state: str = holds.HELD
    spent: list[list[Any]] = field(default_factory=list)  # key of the grant, credits that are not refunded


class LedgerRun:
    """Applies operations to the ledger of one user and to the model. `index` chooses among the grants or holds that exist."""

    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        self.grants: dict[str, ModelGrant] = {}  # in the order in which they were given
        self.holds: dict[str, ModelHold] = {}
        self._keys: dict[str, str] = {}  # id of a grant's row by its key
        self._refunds = 0

    def apply(self, operation: str, index: int, amount: int, crash: str) -> None:
        """Run one operation. `crash`: "" or when the process ends: "before" the commit, or "after" it, and the operation is repeated."""
        change = getattr(self, f"_{operation}")(index, amount)
        if change is None:
            return
        write, check_result = change
        if crash == "before":
            try:
                with transaction() as write_session:
                    write(write_session)
                    raise Crash
            except (Crash, InsufficientCredits, HoldEnded):
                end_read()
        times = 2 if crash == "after" and operation != "hold" else 1
        for _ in range(times):
            try:
                with transaction() as write_session:
                    result = write(write_session)
            except (InsufficientCredits, HoldEnded) as error:
                result = error
        check_result(result)
        self.check()

    def check(self) -> None:
        """Compare the balance with the model."""
        end_read()
        present_balance = balance(session(), self.user_id)
        available = sum(each.remaining for each in self.grants.values() if not each.is_expired)
        held_amount = sum(amount for each in self.holds.values() if each.state == holds.HELD for _, amount in each.parts)
        assert (present_balance.available, present_balance.held) == (available, held_amount), (present_balance, available, held_amount)

    def check_books(self) -> None:
        """Check that every transaction sums to zero, that no balance is negative, and that the statement closes with the balance."""
        with transaction() as write_session:
            grants.expire(write_session, self.user_id)
        total = func.sum(CreditEntry.amount)
        query = select(CreditEntry.transaction_id).group_by(CreditEntry.transaction_id).having(total != 0)
        assert session().execute(query).first() is None
        assert session().execute(select(total).where(CreditEntry.user_id == self.user_id)).scalar_one() in (0, None)
        for account in (Account.AVAILABLE, Account.HELD, Account.SPENT, Account.EXPIRED, Account.REVOKED):
            assert all(amount > 0 for amount in by_grant(session(), self.user_id, account).values()), account
        account_statement = statement(session(), self.user_id, f"{now():%Y-%m}")
        assert account_statement.closing == balance(session(), self.user_id).settled
        assert account_statement.closing == account_statement.opening + sum(line.amount for line in account_statement.lines)
        assert as_csv(account_statement).count("\n") == len(account_statement.lines) + 3
        open_holds = select(func.count()).where(CreditHold.user_id == self.user_id, CreditHold.state == holds.HELD)
        assert session().execute(open_holds).scalar_one() == sum(each.state == holds.HELD for each in self.holds.values())

    def _grant(self, index: int, amount: int) -> Any:
        source, key = SOURCES[index % len(SOURCES)], f"{self.user_id}:{len(self.grants)}"
        days = None if index % 3 == 0 else index % 7 + 1
        expires_at = None if days is None else now() + dt.timedelta(days=days)

        def write(write_session: Session) -> bool:
            return grants.add(write_session, self.user_id, NewGrant(key, source, amount, "A grant", expires_at=expires_at))

        def check_result(_: bool) -> None:
            query = select(CreditEntry.grant_id).join(CreditTransaction, CreditTransaction.id == CreditEntry.transaction_id)
            self._keys[key] = session().execute(query.where(CreditTransaction.key == f"grant:{key}").limit(1)).scalar_one()
            self.grants[key] = ModelGrant(source, amount, days, amount)

        return write, check_result

    def _hold(self, index: int, amount: int) -> Any:
        def write(write_session: Session) -> str:
            return holds.hold(write_session, self.user_id, amount, "lecture_notes", lifetime_s=3600).id

        def check_result(result: Any) -> None:
            order = sorted(
                (each for each in self.grants.items() if not each[1].is_expired),
                key=lambda each: (PRIORITIES[each[1].source], each[1].expires_in_days is None, each[1].expires_in_days or 0),
            )
            if sum(each.remaining for _, each in order) < amount:
                assert isinstance(result, InsufficientCredits)
                return
            parts, remaining = list[tuple[str, int]](), amount
            for key, each in order:
                part = min(remaining, each.remaining)
                each.remaining, remaining = each.remaining - part, remaining - part
                parts += [(key, part)] if part else []
            self.holds[result] = ModelHold(parts)

        return write, check_result

    def _settle(self, index: int, amount: int) -> Any:
        def end(model: ModelHold) -> None:
            remaining = amount
            for key, part in model.parts:
                used = min(remaining, part)
                remaining -= used
                model.spent.append([key, used])
                self.grants[key].remaining += part - used
            model.state = holds.SETTLED

        return self._end_hold(index, lambda each, hold_id: holds.settle(each, hold_id, amount), holds.SETTLED, end)

    def _release(self, index: int, amount: int) -> Any:
        def end(model: ModelHold) -> None:
            for key, amount in model.parts:
                self.grants[key].remaining += amount
            model.state = holds.RELEASED

        return self._end_hold(index, lambda each, hold_id: holds.release(each, hold_id), holds.RELEASED, end)

    def _end_hold(self, index: int, call: Callable[[Session, str], None], state: str, end: Callable[[ModelHold], None]) -> Any:
        if not self.holds:
            return None
        hold_id = list(self.holds)[index % len(self.holds)]
        model = self.holds[hold_id]

        def check_result(result: Any) -> None:
            assert isinstance(result, HoldEnded) == (model.state not in (holds.HELD, state))
            if model.state == holds.HELD:
                end(model)

        return lambda each: call(each, hold_id), check_result

    def _refund(self, index: int, amount: int) -> Any:
        settled_ids = [hold_id for hold_id, each in self.holds.items() if each.state == holds.SETTLED]
        if not settled_ids:
            return None
        hold_id = settled_ids[index % len(settled_ids)]
        self._refunds += 1
        key = f"{hold_id}:{self._refunds}"

        def check_result(_: int) -> None:
            remaining = amount
            for part in reversed(self.holds[hold_id].spent):
                refund = min(remaining, part[1])
                part[1], remaining = part[1] - refund, remaining - refund
                self.grants[part[0]].remaining += refund

        return lambda each: holds.refund(each, hold_id, amount, key=key, description="Refunded"), check_result

    def _revoke(self, index: int, amount: int) -> Any:
        if not self.grants:
            return None
        key = list(self.grants)[index % len(self.grants)]
        self._refunds += 1
        cause = Cause(f"revoke:{key}:{self._refunds}", "revoke", "Payment refunded")
        if self.grants[key].is_expired:
            return None

        def write(write_session: Session) -> int:
            return grants.revoke(write_session, write_session.get_one(CreditGrant, self._keys[key]), amount, cause)

        def check_result(_: int) -> None:
            self.grants[key].remaining -= min(amount, self.grants[key].remaining)

        return write, check_result

    def _expire(self, index: int, amount: int) -> Any:
        """Let a grant expire. Credits that holds return to it later have expired, too."""
        if not self.grants:
            return None
        key = list(self.grants)[index % len(self.grants)]

        def write(write_session: Session) -> None:
            past = now() - dt.timedelta(seconds=1)
            write_session.execute(update(CreditGrant).where(CreditGrant.id == self._keys[key]).values(expires_at=past))
            if amount % 2:
                grants.expire(write_session, self.user_id)

        def check_result(_: None) -> None:
            self.grants[key].is_expired = True

        return write, check_result
