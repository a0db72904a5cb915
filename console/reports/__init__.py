"""Reports of a validation, in every format: from located issues and counts to text. The way in is `formats`.

Nothing here prints, opens a file of the user's or knows where the text goes. Each format tells the same facts; those
that list issues write each as it comes, so that memory does not grow with their number.
"""
