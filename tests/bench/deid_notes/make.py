"""Dutch notes about nobody with their gold spans, as JSON Lines: python3 make.py dev|test|blind [COUNT [SEED]] > cases.jsonl

What the spans are, as a careful annotator would set them; they come from the templates' slots, never from a detector.

- person      A name wherever it stands for a person: first names, initials, interfixes and family names are one span ("J.P. van der Berg",
              "Vries, Jan de", "Fatma", "Jansen-de Boer", initials alone on a form's line for them). Not in it: mevrouw, dr., mr., collega,
              zuster, and what follows (internist, MSc). Not a person: eponyms (ziekte van Parkinson, Colles-fractuur), names in names of firms,
              streets and institutions, makers of medicines and devices, authors of methods.
- location    Street with number and addition; postcode; place; Postbus or Antwoordnummer with its number: a span each. A street without a
              number too. Not: countries, rooms, wards, beds.
- institution Hospitals, practices, schools, firms, offices by name, with the generic word that belongs to it ("basisschool De Regenboog",
              "gemeente Ede" where it acts). Not: laws, departments ("afdeling cardiologie"), generic words alone, and national bodies that
              everybody has to do with (CAK, COA, IND, UWV, Veilig Thuis).
- date        Day, month and year in any spelling, with its weekday; day and month; month and year; a season with its year; an ISO timestamp
              whole. Not: a year alone, times of day, durations.
- age         The number with its unit ("54 jaar", "54-jarige", "9 maanden oud"); the number alone behind "leeftijd:" and in brackets behind a
              child's name. Not: durations ("3 weken").
- phone, email, url   The whole of it, country code and brackets included. An address in an e-mail's header is in it without the <>.
- id          The number alone, not its keyword. With a sub-kind: id:bsn, id:iban, id:plate, ...

Halves. `dev` is for those who write detectors. `test` is for the figures: it has templates, names, streets, places and institutions of its
own, and one in 25 of its dates and ages is spelt as none in `dev` is, so that what was learned from `dev` is not measured on `test`.

A third, `blind`, shares with them the conventions above, engine.py and lists.py, and nothing else: its templates, its lists, its prose and its
spellings of dates, ages and numbers (blind_*.py) were written by somebody who had read no detector and of the other two a few lines, who never ran a
detector on it, and it was changed after no score. It is to be scored once; then it is no blind one any more.
"""
import json
import sys

import blind_notes
import dev_notes
import test_notes
from engine import make_note

COUNT = 2400
HALVES = {"dev": dev_notes, "test": test_notes, "blind": blind_notes}


def main():
    if not 2 <= len(sys.argv) <= 4 or sys.argv[1] not in HALVES:
        sys.exit(f"usage: make.py {'|'.join(HALVES)} [COUNT [SEED]]")
    half = HALVES[sys.argv[1]]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else COUNT
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    for number in range(count):
        print(json.dumps(make_note(seed, number, half), ensure_ascii=False))


if __name__ == "__main__":
    main()
