"""The deck that a lecture was given with: its pages are matched to the slides of the recording and replace their pictures."""
