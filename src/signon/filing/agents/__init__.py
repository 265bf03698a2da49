"""Filing agents: who files for whom, within which bounds, and for whom at this moment."""
