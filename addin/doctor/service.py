"""The way to the service: its address, its certificate, the token, and where the token is kept."""

import datetime as dt
import ssl
from collections.abc import Callable

import httpx

from addin.doctor.finding import Finding, care, good, wrong
from addin.errors import AddInError
from addin.machine import Machine
from addin.settings import load_settings
from addin.tokens import Keyring, load_token

SOON = dt.timedelta(days=7)
SIGN_IN = "press Sign in, with a token that your administrator makes: tieout token create NAME"
SET = "tieout addin install --service https://tieout.example.com"


def check_service(machine: Machine, keyring: Keyring | None, now: dt.datetime, client: Callable[[], httpx.Client]) -> list[Finding]:
    """Whether the service answers over TLS, and whether it lets this user in."""
    what = "Service"
    try:
        address = load_settings(machine).service
    except AddInError as error:
        return [wrong(what, str(error), SET)]
    if not address:
        return [wrong(what, "its address is not set", SET)]
    with client() as http:
        reached = _reach(http, address)
        return [reached] if reached.mend else [reached, _token(http, machine, address, keyring, now)]


def _reach(http: httpx.Client, address: str) -> Finding:
    what = "Service"
    try:
        answer = http.get(f"{address}/api/v1/health")
    except httpx.HTTPError as error:
        if isinstance(_root(error), ssl.SSLError):
            mend = "ask your administrator to have the service's certificate trusted by this computer"
            return wrong(what, f"{address} shows a certificate that this computer does not trust ({_root(error)})", mend)
        mend = f"check the network, the proxy and the address ({SET})"
        return wrong(what, f"{address} does not answer ({error or type(error).__name__})", mend)
    if answer.status_code != 200 or '"status"' not in answer.text:
        return wrong(
            what, f"{address} answers {answer.status_code}, and not as a Tieout service does", f"check the address ({SET})"
        )
    return good(what, f"{address} answers" + (" over TLS" if address.startswith("https:") else " on this machine"))


def _root(error: BaseException) -> BaseException:
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return error


def _token(http: httpx.Client, machine: Machine, address: str, keyring: Keyring | None, now: dt.datetime) -> Finding:
    what = "Token"
    try:
        token = load_token(machine, address, keyring)
    except AddInError as error:
        return wrong(what, str(error), SIGN_IN)
    if token is None:
        return wrong(what, "there is none for this service", SIGN_IN)
    try:
        answer = http.get(f"{address}/api/v1/whoami", headers={"Authorization": f"Bearer {token}"})
        if answer.status_code == 401:
            return wrong(what, "the service does not take it: it has expired or was revoked", SIGN_IN)
        holder = answer.raise_for_status().json()
        person, expires = str(holder["person"]), dt.datetime.fromisoformat(holder["expires_at"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        return care(what, f"the service did not say whose it is ({error})", "try again later")
    if expires - now < SOON:
        return care(what, f"{person}'s, and it expires on {expires:%Y-%m-%d}", f"before then, {SIGN_IN}")
    return good(what, f"{person}'s, until {expires:%Y-%m-%d}")


def check_keyring(machine: Machine, keyring: Keyring | None) -> Finding:
    """Where the token is kept."""
    what = "Keyring"
    if keyring is None:
        seen = f"none that protects what it is given; the token is kept in {machine.settings_folder}, readable only by you"
        return care(what, seen)
    return good(what, f"{type(keyring).__module__}")
