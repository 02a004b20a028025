"""A small server that speaks the part of Stripe's API that Lectern uses, and makes the events that Stripe would send."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import itertools
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

MONTH_S = 30 * 86400
KEY, WEBHOOK_SECRET = "sk_test_imitation", "whsec_imitation"
Object = dict[str, Any]


def sign(payload: str, *, secret: str = WEBHOOK_SECRET, at: float | None = None) -> str:
    """Return the header Stripe-Signature (https://docs.stripe.com/webhooks#verify-manually)."""
    seconds = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{seconds}.{payload}".encode(), hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


class StripeServer:
    """`amounts`: the price in cents by the id of a price; prices of packs (`pack` in the id) are paid once. `events` grows with changes."""

    def __init__(self, amounts: dict[str, int]) -> None:
        self.amounts, self.events, self.objects = amounts, list[Object](), dict[str, Object]()
        self.requests: list[str] = []
        self.is_down = self.declines = False
        self._numbers, self._lock = itertools.count(1), threading.RLock()
        self._once: dict[str, Object] = {}
        self._started_at = int(time.time()) - MONTH_S // 2

    # ---------------------------------------------------------------- what customers and time do

    def complete(self, checkout_id: str) -> str:
        """Pay a checkout. Return the id of the subscription, or of the charge of a single payment."""
        with self._lock:
            checkout = self.objects[checkout_id]
            price = checkout["line_items"]["data"][0]["price"]["id"]
            checkout |= {"payment_status": "paid", "status": "complete"}
            if checkout["mode"] == "subscription":
                subscription = self.subscribe(checkout["customer"], price)
                checkout["subscription"] = subscription
                self._emit("checkout.session.completed", checkout)
                return subscription
            charge = self._charge(checkout["customer"], self.amounts[price] * checkout["line_items"]["data"][0]["quantity"])
            checkout["payment_intent"] = charge["payment_intent"]
            self._emit("checkout.session.completed", checkout)
            return str(charge["id"])

    def subscribe(self, customer: str, price: str) -> str:
        with self._lock:
            start = self._started_at
            item = {"id": self._id("si"), "object": "subscription_item", "price": {"id": price}, "quantity": 1}
            item |= {"current_period_start": start, "current_period_end": start + MONTH_S}
            fields = {"customer": customer, "status": "active", "cancel_at_period_end": False, "schedule": None, "items": {"data": [item]}}
            subscription = self._add("sub", "subscription", fields)
            self._emit("customer.subscription.created", subscription)
            self._invoice(subscription, [self._line(price, self.amounts[price], start, start + MONTH_S)], is_paid=True)
            return str(subscription["id"])

    def renew(self, subscription_id: str, *, is_paid: bool = True) -> None:
        """Begin the next period, with the price that a schedule names."""
        with self._lock:
            subscription = self.objects[subscription_id]
            item = subscription["items"]["data"][0]
            start = item["current_period_end"]
            if subscription["cancel_at_period_end"]:
                self.cancel(subscription_id)
                return
            if subscription["schedule"]:
                item["price"] = {"id": self.objects[subscription["schedule"]]["phases"][-1]["items"][0]["price"]}
                subscription["schedule"] = None
            item |= {"current_period_start": start, "current_period_end": start + MONTH_S}
            subscription["status"] = "active" if is_paid else "past_due"
            self._emit("customer.subscription.updated", subscription)
            price = item["price"]["id"]
            self._invoice(subscription, [self._line(price, self.amounts[price], start, start + MONTH_S)], is_paid=is_paid)

    def pay_late(self, subscription_id: str) -> None:
        """Pay the open invoices."""
        with self._lock:
            for invoice in list(self.objects.values()):
                if (
                    invoice["object"] == "invoice"
                    and invoice["status"] == "open"
                    and invoice["customer"] == self.objects[subscription_id]["customer"]
                ):
                    self._pay(invoice)
            if self.objects[subscription_id]["status"] == "past_due":
                self.objects[subscription_id]["status"] = "active"
                self._emit("customer.subscription.updated", self.objects[subscription_id])

    def cancel(self, subscription_id: str) -> None:
        with self._lock:
            self.objects[subscription_id]["status"] = "canceled"
            self._emit("customer.subscription.deleted", self.objects[subscription_id])

    def change_price(self, subscription_id: str, new: str) -> None:
        """Change the price in the middle of the period, and charge the difference."""
        with self._lock:
            subscription = self.objects[subscription_id]
            item = subscription["items"]["data"][0]
            old, item["price"] = item["price"]["id"], {"id": new}
            middle, end = item["current_period_start"] + MONTH_S // 2, item["current_period_end"]
            lines = [self._line(old, -self.amounts[old] // 2, middle, end, proration=True)]
            lines.append(self._line(new, self.amounts[new] // 2, middle, end, proration=True))
            self._invoice(subscription, lines, is_paid=True)
            self._emit("customer.subscription.updated", subscription)

    def refund(self, charge_id: str, amount: int) -> None:
        with self._lock:
            charge = self.objects[charge_id]
            charge["amount_refunded"] = min(charge["amount"], charge["amount_refunded"] + amount)
            self._emit("charge.refunded", charge)

    def charges(self, customer: str) -> list[str]:
        return [each["id"] for each in self.objects.values() if each["object"] == "charge" and each["customer"] == customer]

    # ---------------------------------------------------------------- the API

    def answer(self, method: str, path: str, form: Object, key: str) -> tuple[int, Object]:
        with self._lock:
            self.requests.append(f"{method} {path}")
            if self.is_down:
                return 503, {"error": {"type": "api_error", "message": "down"}}
            if key and key in self._once:
                return 200, self._once[key]
            status, body = self._route(method, path.removeprefix("/v1/").split("/"), form)
            if key:
                self._once[key] = body
            return status, body

    def _route(self, method: str, parts: list[str], form: Object) -> tuple[int, Object]:
        collection = "/".join(parts[:2]) if parts[0] in ("checkout", "billing_portal") else parts[0]
        rest = parts[2:] if "/" in collection else parts[1:]
        if collection == "prices" and rest and rest[0] in self.amounts:
            kind = "one_time" if "pack" in rest[0] else "recurring"
            return 200, {"id": rest[0], "object": "price", "active": True, "type": kind, "unit_amount": self.amounts[rest[0]]}
        if rest:
            stored_object = self.objects.get(rest[0])
            if stored_object is None:
                return 404, {
                    "error": {"type": "invalid_request_error", "code": "resource_missing", "message": f"No such object: {rest[0]}"}
                }
            if method == "GET":
                return 200, stored_object
            if collection == "checkout/sessions":
                stored_object["status"] = "expired"
                return 200, stored_object
            response = self._refusal(collection, method, stored_object, form)
            if response is not None:
                return response
            if collection == "subscriptions":
                return 200, self._change_subscription(method, stored_object, form)
            if collection == "subscription_schedules" and rest[1:] == ["release"]:
                self.objects[stored_object["subscription"]]["schedule"] = None
                return 200, stored_object
            phases = [{**phase, "start_date": int(phase["start_date"]), "items": list(phase["items"])} for phase in form["phases"]]
            stored_object["phases"] = phases
            self._emit("customer.subscription.updated", self.objects[stored_object["subscription"]])
            return 200, stored_object
        return 200, self._create(method, collection, form)

    def _refusal(self, collection: str, method: str, stored_object: Object, form: Object) -> tuple[int, Object] | None:
        if collection != "subscriptions" or method != "POST":
            return None
        if stored_object["schedule"] and "cancel_at_period_end" in form:
            return 400, {"error": {"type": "invalid_request_error", "message": "The subscription is managed by a subscription schedule."}}
        if self.declines and form.get("payment_behavior") == "error_if_incomplete":
            return 402, {"error": {"type": "card_error", "code": "card_declined", "message": "Your card was declined."}}
        return None

    def _list(self, collection: str, form: Object) -> Object:
        kind = {"subscriptions": "subscription", "charges": "charge", "checkout/sessions": "checkout.session"}[collection]
        filters = {name: value for name, value in form.items() if name != "limit" and value != "all"}
        rows = [each for each in self.objects.values() if each["object"] == kind]
        rows = [each for each in rows if all(each.get(name) == value for name, value in filters.items())]
        return {"object": "list", "data": rows, "has_more": False}

    def _create(self, method: str, collection: str, form: Object) -> Object:
        if method == "GET" and collection != "invoice_payments":
            return self._list(collection, form)
        if collection == "invoice_payments":
            payment = form["payment"]["payment_intent"]
            rows = [each for each in self.objects.values() if each["object"] == "invoice_payment" and each["payment_intent"] == payment]
            return {"object": "list", "data": rows, "has_more": False}
        if collection == "customers":
            return self._add("cus", "customer", form)
        if collection == "billing_portal/sessions":
            return self._add("bps", "billing_portal.session", {"url": f"https://billing.example/{form['customer']}"})
        if collection == "subscription_schedules":
            schedule = self._add("sub_sched", "subscription_schedule", {"subscription": form["from_subscription"], "phases": []})
            self.objects[form["from_subscription"]]["schedule"] = schedule["id"]
            return schedule
        line = form["line_items"][0]
        lines = {"data": [{"price": {"id": line["price"]}, "quantity": int(line["quantity"])}]}
        fields = {**form, "line_items": lines, "payment_status": "unpaid", "status": "open", "payment_intent": None, "subscription": None}
        checkout = self._add("cs", "checkout.session", fields)
        checkout["url"] = f"https://checkout.example/{checkout['id']}"
        return checkout

    def _change_subscription(self, method: str, subscription: Object, form: Object) -> Object:
        if method == "DELETE":
            self.cancel(subscription["id"])
            return subscription
        subscription["cancel_at_period_end"] = form.get("cancel_at_period_end") == "true"
        item = subscription["items"]["data"][0]
        if "items" in form and form["items"][0]["price"] != item["price"]["id"]:
            self.change_price(subscription["id"], form["items"][0]["price"])
        self._emit("customer.subscription.updated", subscription)
        return subscription

    # ---------------------------------------------------------------- objects

    def _invoice(self, subscription: Object, lines: list[Object], *, is_paid: bool) -> None:
        parent = {"subscription_details": {"subscription": subscription["id"]}}
        fields = {"customer": subscription["customer"], "parent": parent, "status": "open", "lines": {"data": lines, "has_more": False}}
        invoice = self._add("in", "invoice", fields)
        if is_paid:
            self._pay(invoice)
        else:
            self._emit("invoice.payment_failed", invoice)

    def _pay(self, invoice: Object) -> None:
        invoice["status"] = "paid"
        charge = self._charge(invoice["customer"], max(1, sum(line["amount"] for line in invoice["lines"]["data"])))
        self._add("inpay", "invoice_payment", {"invoice": invoice["id"], "payment_intent": charge["payment_intent"]})
        self._emit("invoice.paid", invoice)

    def _charge(self, customer: str, amount: int) -> Object:
        fields = {"customer": customer, "amount": amount, "amount_refunded": 0, "payment_intent": self._id("pi")}
        charge = self._add("ch", "charge", fields)
        self._emit("charge.succeeded", charge)
        return charge

    def _line(self, price: str, amount: int, start: int, end: int, *, proration: bool = False) -> Object:
        pricing = {"price_details": {"price": price}}
        parent = {"subscription_item_details": {"proration": proration}}
        return {
            "id": self._id("il"),
            "amount": amount,
            "quantity": 1,
            "period": {"start": start, "end": end},
            "pricing": pricing,
            "parent": parent,
        }

    def _add(self, prefix: str, kind: str, fields: Object) -> Object:
        new_object = {**fields, "id": self._id(prefix), "object": kind}
        self.objects[new_object["id"]] = new_object
        return new_object

    def _emit(self, kind: str, data: Object) -> None:
        snapshot = json.loads(json.dumps(data))
        event = {"id": self._id("evt"), "object": "event", "type": kind, "created": int(time.time()), "data": {"object": snapshot}}
        self.events.append(event)

    def _id(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers)}"


@contextlib.contextmanager
def serve(server: StripeServer) -> Iterator[str]:
    """Serve on a free port; yield the URL."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            url = urlsplit(self.path)
            form = _nest(parse_qsl(body, keep_blank_values=True) + parse_qsl(url.query))
            if self.headers.get("Authorization") != f"Bearer {KEY}":
                status, content = 401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key"}}
            else:
                key = self.headers.get("Idempotency-Key", "") if self.command == "POST" and url.path == "/v1/customers" else ""
                status, content = server.answer(self.command, url.path, form, key)
            text = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_DELETE = _answer

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}"
        finally:
            http.shutdown()
            thread.join()


def _nest(pairs: list[tuple[str, str]]) -> Object:
    """Return the values of names such as `items[0][price]` as nested dicts and lists."""
    root: Object = {}
    for name, value in pairs:
        parts = name.replace("]", "").split("[")
        target = root
        for part in parts[:-1]:
            target = target.setdefault(part, {})
        target[parts[-1]] = value
    return _with_lists(root)


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    values = {name: _with_lists(each) for name, each in value.items()}
    return [values[name] for name in sorted(values, key=int)] if values and all(name.isdigit() for name in values) else values
