"""What of xlwings' VBA and AppleScript was reviewed, by digest, and what is changed in it: plain data for stock_vba.py."""

# ruff: noqa: E501 - the lines are VBA's, as they stand there

from collections.abc import Mapping

REVIEWED: Mapping[str, str] = {
    "ExecuteMac": "215e2e129a8c1be16c820076bec68d77c9784a0b76af4cd76647ff6e885256a1",
    "ExecuteWindows": "dd09eb24d4a1789e52e2b86336d24e9de73aa4c14048fb4e2cdc318768cb2031",
    "CleanUp": "c824fc0c6ad7754575411789f83ae9f62533fbcfc044b7f18a3a0a27376043e0",
    "FileExistsOnWindows": "cdb347fa61c6e27b9816f846d322e05e547bb76e590f3ebf35bf5db139cbfe8e",
    "ParentFolder": "21773267c2e22f4f9aace049981856508992b112d46c02c2f78d425633e32fec",
    "ToMacPath": "518afe95ef190801a94adcff10753ec3b7574eed833bb5dacb02f248f5fef3d2",
    "ToPosixPath": "0d453cc47d2f8379a82fdbac2241a5b3ecbb3a637e3a55c5547afbfba71f9b83",
    "WScript": "6e851d4ad34a3d5252224236b7b717add9c3d213b815f17468c70048b78a10c9",
    "ShowError": "509ea039ce16e56709ff62591a3bbd05ed68a142a33c1d66bf30d02efcc6671c",
    "ReadFile": "743d0da5ec6b3f0fdfd39057e9d7eed8f6bfc114f36cd04d072bc2b1bf38d455",
    "CreateGUID": "cb8164cec04e5c7e3c3030020550fff403bf2ccebe6322a595eb7742ecaec6da",
}
"""The procedures that are kept, with the SHA-256 of the text that was reviewed (line ends as LF)."""

SCRIPT_REVIEWED = "10d18bd787d9c01a8ea117c70992558c691462a0eb5f6a05c02e71bdf896fa75"

CHANGES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "ExecuteMac": (
        ("(PythonCommand As String, PYTHON_MAC As String, Optional PYTHONPATH As String)", "(PythonCommand As String, PYTHON_MAC As String)"),
        ("ExitCode As String, CondaCmd As String, CondaPath As String, CondaEnv As String, LOG_FILE", "ExitCode As String, LOG_FILE"),
        ("    ' Transform paths\n    PYTHONPATH = Replace(PYTHONPATH, \"'\", \"\\'\") ' Escaping quotes\n\n", ""),
        ('ParameterString = PYTHONPATH + ";"\n', 'ParameterString = ""\n'),
        ('    ParameterString = ParameterString + "|" + ActiveWorkbook.Name\n', '    ParameterString = ParameterString + "|"\n'),
        ('"/xlwings.log"', '"/tieout.log"'),
        ('"xlwings-" & XLWINGS_VERSION', '"tieout-" & XLWINGS_VERSION'),
        ("please run 'xlwings runpython install'", "please run 'tieout addin install'"),
    ),
    "ExecuteWindows": (
        (
            "(IsFrozen As Boolean, PythonCommand As String, PYTHON_WIN As String, _\n"
            "                        Optional PYTHONPATH As String, Optional FrozenArgs As String)",
            "(PythonCommand As String, PYTHON_WIN As String)",
        ),
        ("RunCommand, condaExcecutable As String", "RunCommand As String"),
        ("PythonDir As String, CondaCmd As String, CondaPath As String, CondaEnv As String\n", "PythonDir As String\n"),
        ("    ' Call a command window and change to the directory of the Python installation or frozen executable\n", ""),
        ('    If GetConfig("SHOW CONSOLE", False) = True Then\n        ShowConsole = 1\n    Else\n        ShowConsole = 0\n    End If\n', "    ShowConsole = 0\n"),
        ('GetConfig("TEMP DIR", Environ("Temp")) \'undocumented setting', 'Environ("Temp")'),
        ('TempDir & "\\xlwings-"', 'TempDir & "\\tieout-"'),
        ("If Not IsFrozen And (", "If ("),
        ("If FileExists(PYTHON_WIN) Then", "If FileExistsOnWindows(PYTHON_WIN) Then"),
        (
            'MsgBox "Could not find Interpreter!", vbCritical',
            "MsgBox \"Tieout's Python is not at \" & PYTHON_WIN & \". Run 'tieout addin install' in a terminal.\", vbCritical, \"Tieout\"",
        ),
        (
            '    CondaPath = GetConfig("CONDA PATH")\n    CondaEnv = GetConfig("CONDA ENV")\n    \n'
            "    ' Handle spaces in path (for UDFs, this is handled via nested quotes instead, see XLPyCommand)\n"
            '    CondaPath = Replace(CondaPath, " ", "^ ")\n    \n'
            "    ' Handle ampersands and backslashes in file paths\n"
            '    PYTHONPATH = Replace(PYTHONPATH, "&", "^&")\n    PYTHONPATH = Replace(PYTHONPATH, "\\", "\\\\")\n    \n'
            '    If CondaPath <> "" And CondaEnv <> "" Then\n        If CheckConda(CondaPath) = False Then\n            Exit Function\n'
            '        End If\n        CondaCmd = CondaPath & "\\condabin\\conda activate " & CondaEnv & " && "\n    Else\n'
            '        CondaCmd = ""\n    End If\n\n'
            "    If IsFrozen = False Then\n"
            '        RunCommand = CondaCmd & PythonInterpreter & " -B -c ""import xlwings.utils;xlwings.utils.prepare_sys_path'
            '(\\""" & PYTHONPATH & "\\""); " & PythonCommand & """ "\n'
            "    ElseIf IsFrozen = True Then\n"
            '        RunCommand = Chr(34) & PythonCommand & Chr(34) & " " & FrozenArgs & " "\n    End If\n',
            '    RunCommand = PythonInterpreter & " -I -B -c """ & PythonCommand & """ "\n',
        ),
        ('WScript.Run("cmd.exe /C "', 'WScript.Run(Environ("SystemRoot") & "\\System32\\cmd.exe /C "'),
        ('" --wb=" & """" & ActiveWorkbook.Name & """ --from_xl=1"', '" --from_xl=1"'),
    ),
    "CleanUp": (
        (
            '    #If MAC_OFFICE_VERSION >= 15 Then\n        LOG_FILE = Environ("HOME") + "/xlwings.log" '
            "'~/Library/Containers/com.microsoft.Excel/Data/xlwings.log\n    #Else\n"
            '        LOG_FILE = "/tmp/xlwings.log"\n    #End If\n',
            '    running = True\n    LOG_FILE = Environ("HOME") + "/tieout.log"\n',
        ),
        (
            "        #If MAC_OFFICE_VERSION >= 15 Then\n            Kill LOG_FILE\n        #Else\n"
            "            KillFileOnMac ToMacPath(ToPosixPath(LOG_FILE))\n        #End If\n    On Error GoTo 0\n",
            "        Kill LOG_FILE\n    On Error GoTo 0\n    running = False\n",
        ),
    ),
    "ShowError": (
        (
            '    If GetConfig("SHOW_ERROR_POPUPS", "True") = "False" Then\n'
            '        If SheetExists(ActiveWorkbook, "Error") = False Then\n'
            "            Set ErrorSheet = ActiveWorkbook.Sheets.Add()\n"
            '            ErrorSheet.Name = "Error"\n        Else\n'
            '            Set ErrorSheet = ActiveWorkbook.Sheets("Error")\n        End If\n'
            '        ErrorSheet.Range("A1").Value = Content\n    Else\n',
            "",
        ),
        ("        #End If\n    End If\nEnd Sub", "        #End If\nEnd Sub"),
    ),
    "ReadFile": (("        FileName = ExpandEnvironmentStrings(FileName)\n", ""),),
}  # fmt: skip
"""What is replaced in each procedure: (old, new), and old stands in it exactly once."""

SCRIPT_CHANGES: tuple[tuple[str, str], ...] = (
    ("set {PYTHONPATH, PythonInterpreter, PythonCommand, WorkbookName, ", "set {NoPath, PythonInterpreter, PythonCommand, NoName, "),
    (
        'PythonInterpreter & " -B -u -W ignore -c \\"import xlwings.utils;xlwings.utils.prepare_sys_path(\'" & PYTHONPATH & "\');" & ¬\n'
        '\t\tPythonCommand & " \\" \\"--wb=" & WorkbookName & "\\" \\"--from_xl=1\\"',
        'quoted form of PythonInterpreter & " -I -B -u -W ignore -c \\"" & PythonCommand & "\\" \\"--from_xl=1\\"',
    ),
)  # fmt: skip
