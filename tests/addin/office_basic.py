"""Runs with the system's Python: opens a document with its macros in a running LibreOffice, lists modules and calls functions.

Arguments: the pipe's name, a JSON file with {"open": path, "call": [[function, [arguments]], ...]}. Answers JSON.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import uno  # type: ignore[import-not-found]
from com.sun.star.beans import PropertyValue  # type: ignore[import-not-found]

FUNCTION = "vnd.sun.star.script:TieoutAddin.TieoutRibbon.{}?language=Basic&location=document"
WITH_MACROS = "com.sun.star.document.MacroExecMode.ALWAYS_EXECUTE_NO_WARN"


def desktop(pipe: str) -> Any:
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(300):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        except Exception:
            time.sleep(0.2)
    raise SystemExit("LibreOffice does not answer")


def main(pipe: str, job: dict[str, Any]) -> dict[str, Any]:
    hidden, macros = PropertyValue(), PropertyValue()
    hidden.Name, hidden.Value = "Hidden", True
    macros.Name, macros.Value = (
        "MacroExecutionMode",
        uno.getConstantByName(WITH_MACROS),
    )
    document = desktop(pipe).loadComponentFromURL(Path(job["open"]).as_uri(), "_blank", 0, (hidden, macros))
    libraries = document.BasicLibraries
    modules = {name: list(libraries.getByName(name).ElementNames) for name in libraries.ElementNames}
    answers = []
    for function, arguments in job["call"]:
        script = document.ScriptProvider.getScript(FUNCTION.format(function))
        answers.append(script.invoke(tuple(arguments), (), ())[0])
    document.close(True)
    return {"modules": modules, "answers": answers}


print(json.dumps(main(sys.argv[1], json.loads(Path(sys.argv[2]).read_text()))))
