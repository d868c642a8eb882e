r"""What an administrator or Excel itself has switched off, as far as the registry of Windows tells it.

Policies stand below HKCU\Software\Policies; what a person set in Excel's Trust Center stands at the same place without Policies.
"""

from pathlib import Path

from addin.building import FILE_NAME
from addin.doctor.finding import Finding, care, elsewhere, good, wrong
from addin.doctor.in_place import find_addin
from addin.machine import Machine, System

OFFICE = r"Microsoft\Office\16.0"
SECURITY = rf"{OFFICE}\Excel\Security"
POLICY, OWN = r"HKCU\Software\Policies", r"HKCU\Software"
DEFENDER = (
    r"HKLM\Software\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules",
    r"HKLM\Software\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules",
)
NO_CHILD_PROCESSES = "d4f940ab-401b-4efc-aadc-ad5f3c50688a"
"""Microsoft's id of the rule "Block all Office applications from creating child processes"."""

BLOCKS, WARNS = 1, 6
OUTSIDE = "until then the same commands run without Excel's macros: tieout addin submit, and so on for each button"
ASK = "ask your administrator to"


def check_policies(machine: Machine) -> list[Finding]:
    """One finding for each way in which macros, add-ins or Python can be blocked on Windows."""
    if machine.system is not System.WINDOWS:
        return [elsewhere("Policies", "Windows")]
    return [
        _macros(machine),
        _signature(machine),
        _trusted_place(machine),
        _child_processes(machine),
        _disabled_list(machine),
    ]


def _macros(machine: Machine) -> Finding:
    what = "Macros"
    if _set(machine, rf"{OFFICE}\Common", "VBAOff"):
        return wrong(what, "VBA is switched off for all of Office", f"{ASK} allow VBA in Excel; {OUTSIDE}")
    if _set(machine, SECURITY, "DisableAllAddins"):
        return wrong(what, "all add-ins are switched off", f"{ASK} allow add-ins in Excel (Trust Center > Add-ins); {OUTSIDE}")
    level, by_policy = _value(machine, SECURITY, "VBAWarnings")
    if level == 4:
        seen = "all macros are blocked without a message, but for those in trusted locations"
        mend = f"{ASK} keep the startup folder a trusted location, or sign the add-in"
        return care(what, seen + (" (policy)" if by_policy else " (Trust Center)"), mend)
    return good(what, "allowed in trusted locations")


def _signature(machine: Machine) -> Finding:
    what = "Signed add-ins"
    required = _set(machine, SECURITY, "RequireAddinSig")
    level, _ = _value(machine, SECURITY, "VBAWarnings")
    if required or level == 3:
        seen = "only add-ins that are signed by a trusted publisher are opened"
        return wrong(what, seen, f"{ASK} sign {FILE_NAME} (docs/addin-install.md, Signing); {OUTSIDE}")
    return good(what, "no signature is asked for")


def _trusted_place(machine: Machine) -> Finding:
    what = "Trusted location"
    key = rf"{SECURITY}\Trusted Locations"
    if _set(machine, key, "AllLocationsDisabled"):
        return wrong(what, "trusted locations are switched off", f"{ASK} allow them, or sign {FILE_NAME}; {OUTSIDE}")
    places = [path.parent for path in find_addin(machine)]
    strange = [place for place in places if place != machine.startup_folder and not _is_trusted(machine, key, place)]
    if strange:
        mend = f"add it in Excel under File > Options > Trust Center > Trusted Locations, or {ASK} do so"
        return care(what, f"{strange[0]} is not one, so that Excel may ask or block", mend)
    return good(what, "the add-in stands in one, where Excel does not ask")


def _is_trusted(machine: Machine, key: str, place: Path) -> bool:
    wanted = str(place).rstrip("\\/").casefold()
    for root in (POLICY, OWN):
        for number in range(100):
            path = machine.registry(rf"{root}\{key}\Location{number}").get("Path")
            if path and wanted.startswith(str(path).rstrip("\\/").casefold()):
                return True
    return False


def _child_processes(machine: Machine) -> Finding:
    what = "Starting Python from Excel"
    states = [
        _number(value) for key in DEFENDER for name, value in machine.registry(key).items() if name.lower() == NO_CHILD_PROCESSES
    ]
    if BLOCKS in states or WARNS in states:
        seen = "Defender's rule 'Block all Office applications from creating child processes' is on"
        return wrong(what, seen, f"{ASK} make an exclusion for {machine.interpreter}; {OUTSIDE}")
    return good(what, "no rule of Defender's is known to block it")


def _disabled_list(machine: Machine) -> Finding:
    what = "Disabled items"
    items = machine.registry(rf"{OWN}\{OFFICE}\Excel\Resiliency\DisabledItems").values()
    if any(FILE_NAME in _text(item).lower() for item in items):
        mend = "in Excel: File > Options > Add-ins > Manage: Disabled Items > Go, choose Tieout, Enable; then start Excel again"
        return wrong(what, "Excel has disabled the add-in after a crash", mend)
    return good(what, "the add-in is not among them")


def _text(item: object) -> str:
    """Excel keeps the path as UTF-16 within binary data, at an odd or an even place."""
    if not isinstance(item, bytes):
        return str(item)
    return item.decode("utf-16-le", errors="ignore") + item[1:].decode("utf-16-le", errors="ignore")


def _set(machine: Machine, key: str, name: str) -> bool:
    return _value(machine, key, name)[0] == 1


def _value(machine: Machine, key: str, name: str) -> tuple[int | None, bool]:
    """A number in the registry and whether a policy says so; names are not told apart by case."""
    for root in (POLICY, OWN):
        found = [_number(value) for known, value in machine.registry(rf"{root}\{key}").items() if known.lower() == name.lower()]
        if found:
            return found[0], root == POLICY
    return None, False


def _number(value: object) -> int | None:
    return int(str(value)) if str(value).isdigit() else None
