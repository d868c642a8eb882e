"""Whatever goes wrong in practice is seen, on made homes and registries, and told with what to do."""

import datetime as dt
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import pytest

from addin.doctor import Finding, Verdict, examine
from addin.installing import install
from addin.machine import Machine, System
from addin.settings import set_service
from addin.tokens import save_token
from tests.addin.conftest import Made

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
SERVICE = "https://tieout.example.com"
SECURITY = r"Software\Microsoft\Office\16.0\Excel\Security"
POLICY = SECURITY.replace("Software", r"Software\Policies")
RULES = r"HKLM\Software\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
OPTIONS = r"HKCU\Software\Microsoft\Office\16.0\Excel\Options"
DISABLED = r"HKCU\Software\Microsoft\Office\16.0\Excel\Resiliency\DisabledItems"

Registered = Mapping[str, Mapping[str, object]]


def answering(expires: str = "2027-02-01T00:00:00+00:00", health: int = 200, whoami: int = 200) -> Callable[[], httpx.Client]:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/v1/health":
            assert "authorization" not in request.headers
            return httpx.Response(health, json={"status": "ok", "overdue": 0})
        assert request.headers["authorization"] == "Bearer tieout_1"
        return httpx.Response(whoami, json={"person": "Anna Berg", "expires_at": expires, "scopes": [], "token": "x"})

    return lambda: httpx.Client(transport=httpx.MockTransport(answer))


def failing(error: Exception) -> Callable[[], httpx.Client]:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no way there", request=request) from error

    return lambda: httpx.Client(transport=httpx.MockTransport(answer))


def found(machine: Machine, client: Callable[[], httpx.Client] = answering(), said: str = "") -> dict[str, Finding]:  # noqa: B008
    return {one.what: one for one in examine(machine, None, NOW, lambda _: said, client)}


@pytest.fixture
def installed(machine: Made) -> Callable[..., Machine]:
    """A machine on which everything is as it should be, but for what is registered."""

    def made(system: System = System.WINDOWS, registry: Registered | None = None) -> Machine:
        values = registry or {}
        there = machine(system, lambda key: values.get(key, {}))
        install(there, service=SERVICE, tries=lambda _: "")
        save_token(there, SERVICE, "tieout_1", None)
        return there

    return made


Installed = Callable[..., Machine]


@pytest.mark.parametrize("system", [System.WINDOWS, System.MACOS])
def test_where_all_is_well_nothing_is_wrong(installed: Installed, system: System) -> None:
    findings = found(installed(system))
    assert [one for one in findings.values() if one.verdict is Verdict.WRONG] == []
    for what in ("xlwings", "The add-in", "Python", "Copies", "Service", "Token"):
        assert findings[what].verdict is Verdict.GOOD, findings[what]


def test_on_linux_it_is_said_what_does_not_apply(machine: Made) -> None:
    findings = found(machine(System.OTHER))
    assert {what for what, one in findings.items() if one.verdict is Verdict.ELSEWHERE} == {
        "The add-in", "AppleScript", "Permission to control Excel", "Mark of the web", "Policies", "Excel",
    }  # fmt: skip
    assert "neither Windows nor macOS" in findings["System"].seen


def test_whatever_is_wrong_says_how_to_mend_it(machine: Made) -> None:
    for one in found(machine()).values():
        assert one.verdict is not Verdict.WRONG or one.mend, one


def test_an_addin_that_is_gone_or_of_another_version_or_damaged(installed: Installed) -> None:
    there = installed()
    assert there.startup_folder is not None
    path = there.startup_folder / "tieout.xlam"
    whole = path.read_bytes()
    path.write_bytes(b"<html>")
    assert "cannot be read" in found(there)["The add-in"].seen
    path.write_bytes(whole)
    assert found(there)["The add-in"].verdict is Verdict.GOOD
    path.unlink()
    assert "it is not in" in found(there)["The add-in"].seen
    assert "tieout addin install" in found(there)["The add-in"].mend


def test_an_addin_of_an_older_version(installed: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    there = installed()
    monkeypatch.setattr("addin.building.tieout_version", lambda: "0.2.0")
    assert "is of version 0.1.0" in found(there)["The add-in"].seen


def test_an_xlwings_that_was_not_reviewed(machine: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("addin.stock_vba.SCRIPT_REVIEWED", "another")
    finding = found(machine())["xlwings"]
    assert (finding.verdict, "AppleScript" in finding.seen) == (Verdict.WRONG, True)


def test_a_python_that_is_gone_or_starts_nothing_or_is_another(installed: Installed) -> None:
    there = installed()
    assert "No module" in found(there, said="No module named 'addin'")["Python"].seen
    other = Machine(there.system, there.home, there.environment, "/opt/other/python")
    assert found(other)["Python"].verdict is Verdict.CARE
    Path(there.interpreter).unlink()
    assert "not there any more" in found(there)["Python"].seen


def test_a_mac_without_its_script_or_with_another(installed: Installed) -> None:
    there = installed(System.MACOS)
    assert there.scripts_folder is not None
    [script] = there.scripts_folder.iterdir()
    script.write_text("something else")
    assert "is not the one" in found(there)["AppleScript"].seen
    script.unlink()
    assert "is not there" in found(there)["AppleScript"].seen
    assert "-1743" in found(there)["Permission to control Excel"].seen


def test_several_copies(installed: Installed) -> None:
    there = installed(registry={OPTIONS: {"OPEN": r'/R "C:\Downloads\tieout (1).xlam"', "Pos": 1}})
    assert there.startup_folder is not None
    (there.startup_folder / "Tieout-old.xlam").touch()
    finding = found(there)["Copies"]
    assert finding.verdict is Verdict.WRONG
    assert "there are 3" in finding.seen


def test_a_file_from_the_internet(installed: Installed) -> None:
    there = installed()
    assert there.startup_folder is not None
    (there.startup_folder / "tieout.xlam:Zone.Identifier").write_text("[ZoneTransfer]\nZoneId=3\n")
    assert found(there)["Mark of the web"].verdict is Verdict.WRONG


@pytest.mark.parametrize(
    ("key", "name", "value", "what", "says"),
    [
        (r"HKCU\Software\Policies\Microsoft\Office\16.0\Common", "VBAOff", 1, "Macros", "switched off for all of Office"),
        (rf"HKCU\{POLICY}", "DisableAllAddins", 1, "Macros", "all add-ins are switched off"),
        (rf"HKCU\{SECURITY}", "vbawarnings", 4, "Macros", "blocked without a message"),
        (rf"HKCU\{POLICY}", "RequireAddinSig", 1, "Signed add-ins", "signed by a trusted publisher"),
        (rf"HKCU\{POLICY}", "VBAWarnings", 3, "Signed add-ins", "signed by a trusted publisher"),
        (rf"HKCU\{POLICY}\Trusted Locations", "AllLocationsDisabled", 1, "Trusted location", "switched off"),
        (RULES, "D4F940AB-401B-4EFC-AADC-AD5F3C50688A", "1", "Starting Python from Excel", "child processes"),
        (RULES, "d4f940ab-401b-4efc-aadc-ad5f3c50688a", 6, "Starting Python from Excel", "child processes"),
        (DISABLED, "x", b"\1\0\0\0" + r"C:\XLSTART\Tieout.xlam".encode("utf-16-le"), "Disabled items", "after a crash"),
        (DISABLED, "x", b"\1\0\0" + r"C:\XLSTART\tieout.xlam".encode("utf-16-le"), "Disabled items", "after a crash"),
    ],
)
def test_what_windows_has_switched_off(installed: Installed, key: str, name: str, value: object, what: str, says: str) -> None:
    assert found(installed())[what].verdict is Verdict.GOOD
    finding = found(installed(registry={key: {name: value}}))[what]
    assert finding.verdict in (Verdict.WRONG, Verdict.CARE)
    assert says in finding.seen
    assert finding.mend


def test_a_rule_that_only_audits_blocks_nothing(installed: Installed) -> None:
    there = installed(registry={RULES: {"d4f940ab-401b-4efc-aadc-ad5f3c50688a": 2}})
    assert found(there)["Starting Python from Excel"].verdict is Verdict.GOOD


def test_a_policy_counts_before_what_the_person_set(installed: Installed) -> None:
    there = installed(registry={rf"HKCU\{SECURITY}": {"VBAWarnings": 3}, rf"HKCU\{POLICY}": {"VBAWarnings": 1}})
    assert found(there)["Signed add-ins"].verdict is Verdict.GOOD


def test_a_folder_of_ones_own_has_to_be_trusted(machine: Made, tmp_path: Path) -> None:
    place = tmp_path / "Addins"
    trusted = {rf"HKCU\{SECURITY}\Trusted Locations\Location3": {"Path": f"{str(place).upper()}\\"}}
    for values, verdict in (({}, Verdict.CARE), (trusted, Verdict.GOOD)):
        there = machine(System.WINDOWS, lambda key, values=values: values.get(key, {}))
        install(there, place, tries=lambda _: "")
        assert found(there)["Trusted location"].verdict is verdict


def test_a_service_that_is_not_set_or_does_not_answer_or_is_another(machine: Made, installed: Installed) -> None:
    assert "not set" in found(machine())["Service"].seen
    there = installed()
    assert "no way there" in found(there, failing(OSError("refused")))["Service"].seen
    assert "answers 404" in found(there, answering(health=404))["Service"].seen
    refused = found(there, failing(ssl.SSLCertVerificationError("self-signed certificate")))["Service"]
    assert "does not trust (" in refused.seen
    assert "administrator" in refused.mend


def test_a_token_that_is_missing_refused_or_about_to_expire(machine: Made, installed: Installed) -> None:
    there = installed()
    assert "Anna Berg's, until 2027-02-01" in found(there)["Token"].seen
    assert "expires on 2026-11-27" in found(there, answering("2026-11-27T00:00:00+00:00"))["Token"].seen
    assert "expired or was revoked" in found(there, answering(whoami=401))["Token"].seen
    assert found(there, answering(whoami=503))["Token"].verdict is Verdict.CARE
    set_service(there, "https://other.example.com")
    assert "none for this service" in found(there)["Token"].seen


def test_damaged_settings_are_named(installed: Installed) -> None:
    there = installed()
    (there.settings_folder / "settings.json").write_text("{")
    assert "delete that file" in found(there)["Service"].seen
    (there.settings_folder / "settings.json").unlink()
    set_service(there, SERVICE)
    (there.settings_folder / "token.json").write_text("[")
    assert "sign in again" in found(there)["Token"].seen
