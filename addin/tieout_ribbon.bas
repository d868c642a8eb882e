Attribute VB_Name = "TieoutRibbon"
' Tieout's ribbon. All that this add-in can do is to start Tieout's own Python with the name of the button that was pressed.
'
' Only the ribbon can start it: there is one public procedure, and it wants the ribbon's own control object, which neither a
' formula nor a shape of an open workbook can give. Everything else is private, and does nothing unless a button is being run.
' Nothing of the open workbook gets into the command but its name, and that as hexadecimal digits.
'
' The procedures below the line are xlwings', reduced and changed by Tieout; their licence stands there.

Private Const TIEOUT_VERSION As String = "{tieout_version}"
Private Const XLWINGS_VERSION As String = "{xlwings_version}"

Private running As Boolean

Public Sub Tieout_OnAction(control As IRibbonControl)
    Dim buttonId As String, interpreter As String
    buttonId = control.ID
    If Not Tieout_IsButton(buttonId) Then Exit Sub
    interpreter = ThisWorkbook.Worksheets("{settings_sheet}").Range("B1").Value
    running = True
    On Error GoTo Failed
    #If Mac Then
        Application.StatusBar = "Tieout is working..."
        ExecuteMac Tieout_Command(buttonId, Tieout_WorkbookName()), interpreter
    #Else
        ExecuteWindows Tieout_Command(buttonId, Tieout_WorkbookName()), interpreter
    #End If
    running = False
    Exit Sub
Failed:
    running = False
    MsgBox "Tieout could not be started: " & Err.Description & ". Run 'tieout addin doctor' in a terminal.", vbCritical, "Tieout"
End Sub

Private Function Tieout_IsButton(ByVal buttonId As String) As Boolean
    Select Case buttonId
        Case {buttons}
            Tieout_IsButton = True
    End Select
End Function

Private Function Tieout_Command(ByVal buttonId As String, ByVal workbookName As String) As String
    Tieout_Command = "import addin.entry as e; e.run('" & buttonId & "','" & Tieout_Hexadecimal(workbookName) & "')"
End Function

Private Function Tieout_WorkbookName() As String
    If Not ActiveWorkbook Is Nothing Then Tieout_WorkbookName = ActiveWorkbook.Name
End Function

Private Function Tieout_Hexadecimal(ByVal text As String) As String
    Dim i As Integer, digits As String
    For i = 1 To Len(text)
        digits = digits & Right$("000" & Hex$(AscW(Mid$(text, i, 1)) And &HFFFF&), 4)
    Next i
    Tieout_Hexadecimal = digits
End Function

' ------------------------------------------------------------------------------------------------ from xlwings {xlwings_version}
