"""A stack as one page that a person can keep, send and print: the picture, and all that is known.

``facts`` asks the engine, ``sources`` reads the files and hides what is hidden in them, ``times``
says what happened when, ``answers`` what a reader asks first; ``page`` writes the file.
"""
