"""Sign in: keeps the service's address and the person's token, once the service knows it."""

from addin.excel import Press
from addin.service import Service, address_and_token
from addin.settings import service_address, set_service
from addin.tokens import save_token, system_keyring


def sign_in(press: Press) -> str | None:
    """Asks for what is missing, tries it and says who is signed in. A token that the service does not know is not kept."""
    address, token = address_and_token(press.machine)
    if not address:
        typed = press.dialogs().text("Address of your Tieout service, as you were given it:", "https://")
        if not typed:
            return None
        address = service_address(typed)
    given = press.dialogs().text(f"Your token for {address}" + ("; empty keeps the one that is there:" if token else ":"))
    if given is None or not (given or token):
        return None
    with Service(address, given or token or "") as service:
        found = service.get("/whoami")
    set_service(press.machine, address)
    if given:
        save_token(press.machine, address, given, system_keyring(press.machine))
    scopes = ", ".join(found["scopes"])
    return f"Signed in as {found['person']}, until {found['expires_at'][:10]}. The token allows: {scopes}."
