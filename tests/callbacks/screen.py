"""A tiny terminal: what a person sees of what a program writes, at any width and resized."""

import unicodedata


class Screen:
    """Rows of cells, with a cursor that waits in the last column, as that of xterm does.

    Args:
        columns: Width.
    """

    def __init__(self, columns):
        self.columns = columns
        self.rows = [[]]
        self.at = 0
        self.codes = set()

    def feed(self, text):
        """Takes what the program writes next."""
        while text:
            if text.startswith("\x1b["):
                end = next(i for i, letter in enumerate(text) if letter.isalpha())
                self._obey(text[2 : end + 1])
                text = text[end + 1 :]
            else:
                self._print(text[0])
                text = text[1:]

    def resize(self, columns):
        """Cuts the rows, as xterm does."""
        self.columns = columns
        self.rows = [row[:columns] for row in self.rows]
        self.at = min(self.at, columns)

    def _obey(self, code):
        self.codes.add(code)
        assert code == "K", f"an unknown code: {code!r}"
        # As xterm: a cursor that waits behind the last column clears that column.
        del self.rows[-1][min(self.at, self.columns - 1) :]

    def _print(self, letter):
        if letter == "\r":
            self.at = 0
        elif letter == "\n":
            self.rows.append([])
            # The driver of a terminal makes "\r\n" of it.
            self.at = 0
        else:
            width = 2 if unicodedata.east_asian_width(letter) in "WF" else 1
            width = 0 if unicodedata.combining(letter) else width
            if self.at + width > self.columns:
                self.rows.append([])
                self.at = 0
            row = self.rows[-1]
            row += [" "] * (self.at - len(row))
            row[self.at : self.at + width] = [letter, ""][:width]
            self.at += width

    @property
    def lines(self):
        """The text of each row that is not empty."""
        return [text for row in self.rows if (text := "".join(row).rstrip())]
