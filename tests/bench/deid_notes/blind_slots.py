"""What stands in the slots of the half `blind`: written for it alone, so that its spellings of names, dates and numbers are its own."""
import datetime
import re
import unicodedata

import blind_houses as houses
import blind_words as words
from blind_more import NAMED
from blind_prose import POOLS as PROSE
from engine import Expander

MONTHS = ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"]
ABBREVIATED = ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sept", "okt", "nov", "dec"]
WEEK = ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"]
WK = ["ma", "di", "wo", "do", "vr", "za", "zo"]
NUMERALS = ["nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf", "dertien", "veertien",
            "vijftien", "zestien", "zeventien", "achttien"]
AREAS3 = ["010", "013", "015", "020", "023", "024", "026", "030", "033", "036", "038", "040", "043", "045", "050", "053", "055", "058",
          "070", "071", "073", "074", "076", "077", "078"]
AREAS4 = ["0113", "0114", "0115", "0117", "0161", "0164", "0174", "0184", "0187", "0222", "0229", "0251", "0297", "0316", "0317", "0318",
          "0320", "0343", "0345", "0347", "0412", "0475", "0478", "0485", "0493", "0511", "0512", "0521", "0527", "0545", "0561", "0570",
          "0591", "0596", "0598"]
BANKS = ["INGB", "RABO", "ABNA", "SNSB", "TRIO", "ASNB", "KNAB", "BUNQ", "RBRB"]
POOLS = {**PROSE, **NAMED}
PLATES = ["XX-99-99", "99-XX-XX", "99-XXX-9", "9-XXX-99", "X-999-XX", "XX-999-X", "XXX-99-X"]


def bsn(rng, nine=True):
    """Nine digits that pass the test of eleven."""
    while True:
        d = [rng.randint(1 if nine else 0, 9)] + [rng.randint(0, 9) for _ in range(7)]
        last = sum(w * x for w, x in zip(range(9, 1, -1), d, strict=True)) % 11
        if last < 10:
            return "".join(map(str, [*d, last]))


def iban(country, account):
    """ISO 13616: the two check digits for a country's account number."""
    as_digits = "".join(str(int(c, 36)) for c in account + country + "00")
    return f"{country}{98 - int(as_digits) % 97:02d}{account}"


def luhn(digits):
    """The number with the digit behind it that makes it valid."""
    total = 0
    for i, c in enumerate(reversed(digits)):
        x = int(c) * (2 if i % 2 == 0 else 1)
        total += x - 9 if x > 9 else x
    return digits + str(-total % 10)


class Somebody:
    """One person of a note."""

    def __init__(self, rng, today, want, family):
        origin = rng.choices(list(words.PEOPLE), [p["weight"] for p in words.PEOPLE.values()])[0]
        names = words.PEOPLE[origin]
        self.sex = want if want in ("m", "v") else rng.choice("mv")
        # First names wander: one in seven comes from another list.
        near = names if rng.random() < 0.86 else words.PEOPLE["dutch" if origin != "dutch" else rng.choice(["european", "frisian", "turkish"])]
        self.first = rng.choice(near[self.sex])
        self.others = rng.sample([x for x in names[self.sex] if x != self.first], rng.choice([0, 0, 0, 1, 1, 2]))
        self.infix, self.last = self.own = family or rng.choice(names["last"])
        low, high = {"b": (0, 1), "k": (4, 17), "o": (66, 97), "w": (20, 66)}.get(want, (19, 92))
        self.born = today - datetime.timedelta(days=rng.randint(low * 365 + 40, high * 365 + 330))
        self.maiden = None
        if self.sex == "v" and want not in ("b", "k", "w") and rng.random() < 0.4:
            self.maiden = rng.choice(names["last"])
        self.letters = [x[0] for x in re.split(r"[ -]", self.first) if x] + [x[0] for x in self.others]
        self.bsn = bsn(rng)

    def family(self, capital=False):
        s = f"{self.infix} {self.last}".strip()
        return s[0].upper() + s[1:] if capital and s[0] != "'" else s


class Slots:
    """The people and the facts of one note. {A.form} is a person; every other name is a method or a list."""

    def __init__(self, rng):
        self.rng = rng
        self.cast = {}
        self.said = set()
        self.today = datetime.date(rng.randint(2011, 2026), rng.randint(1, 12), rng.randint(1, 28))
        self.style = rng.choices(["long", "dash", "slash", "short", "iso", "dot"], [34, 38, 8, 10, 6, 4])[0]
        self.home = rng.choice(words.PLACES)

    def fill(self, name, args):
        if "." in name:
            who, form = name.split(".")
            return getattr(self, "as_" + form)(self.who(who), *args)
        return getattr(self, "slot_" + name)(*args)

    def who(self, name):
        """"P:v" is a woman, where P is new; Q and R are P's family and have P's name one time in two."""
        key, _, want = name.partition(":")
        if key not in self.cast:
            family = self.who("P").own if key in "QR" and self.rng.random() < 0.5 else None
            self.cast[key] = Somebody(self.rng, self.today, want, family)
        return self.cast[key]

    def pick(self, *pairs):
        """One of value, weight, value, weight, ..."""
        return self.rng.choices(pairs[::2], pairs[1::2])[0]

    # Persons.

    def initials(self, p):
        return self.pick("".join(x + "." for x in p.letters), 70, " ".join(x + "." for x in p.letters), 8, "".join(p.letters), 12,
                         p.letters[0] + ".", 10)

    def double(self, p):
        if not p.maiden:
            return p.family()
        return self.pick(f"{p.family()}-{(p.maiden[0] + ' ' if p.maiden[0] else '') + p.maiden[1]}", 3, p.family(), 1)

    def as_first(self, p):
        return [(p.first, "person")]

    def as_last(self, p):
        return [(p.family(self.rng.random() < 0.85), "person")]

    def as_full(self, p):
        return [(f"{p.first} {self.double(p)}", "person")]

    def as_whole(self, p):
        return [(" ".join([p.first, *p.others, self.double(p)]), "person")]

    def as_il(self, p):
        return [(f"{self.initials(p)} {self.double(p)}", "person")]

    def as_rev(self, p):
        lead = self.pick(self.initials(p), 4, p.first, 1)
        tail = f" {p.infix}" if p.infix else ""
        return [(self.pick(f"{p.last}, {lead}{tail}", 5, f"{p.last.upper()}, {lead}{tail}", 2, f"{p.family(True)}, {lead}", 2,
                           f"{p.last} {lead}{tail}", 1), "person")]

    def as_name(self, p):
        return self.pick(self.as_full, 5, self.as_il, 4, self.as_first, 1)(p)

    def heer(self, p):
        return self.pick("dhr.", 5, "de heer", 5, "meneer", 3, "dhr", 2, "hr.", 1) if p.sex == "m" else \
            self.pick("mw.", 5, "mevrouw", 6, "mevr.", 3, "mw", 2)

    def as_t(self, p):
        """Title and family name; now and then with initials between them."""
        return [(self.heer(p) + " ", None), *self.pick(self.as_last, 7, self.as_il, 3)(p)]

    def as_T(self, p):
        pieces = self.as_t(p)
        return [(pieces[0][0][0].upper() + pieces[0][0][1:], None), *pieces[1:]]

    def as_dear(self, p):
        return [("heer " if p.sex == "m" else "mevrouw ", None), (p.family(True), "person")]

    def as_dr(self, p):
        title = self.pick("dr. ", 7, "dr ", 1, "drs. ", 2, "prof. dr. ", 1, "Dr. ", 1, "collega ", 2, "", 2)
        return [(title, None), *(self.as_il(p) if not title or self.rng.random() < 0.4 else self.as_last(p))]

    def as_sign(self, p):
        """Below a letter: titles stay outside."""
        before = self.pick("", 5, "drs. ", 2, "dr. ", 2, "mw. " if p.sex == "v" else "dhr. ", 2)
        after = self.pick("", 8, ", MSc", 1, ", PhD", 1)
        return [(before, None), *self.pick(self.as_il, 6, self.as_full, 4)(p), (after, None)]

    def as_code(self, p):
        """A nurse's letters behind a report's line."""
        infix = "".join(x[0] for x in p.infix.split())
        return [(self.pick(f"{p.letters[0]}{infix}{p.last[0]}", 1, f"{p.letters[0]}.{infix}{p.last[0]}.", 1), "person")]

    def as_maiden(self, p):
        other = p.maiden or self.rng.choice(words.PEOPLE["dutch"]["last"])
        return [(f"{other[0]} {other[1]}".strip(), "person")]

    def as_kid(self, p):
        return "zoon" if p.sex == "m" else "dochter"

    def as_sib(self, p):
        return "broer" if p.sex == "m" else self.pick("zus", 2, "zusje", 1)

    def as_spouse(self, p):
        return self.pick("man", 2, "echtgenoot", 1, "partner", 1) if p.sex == "m" else self.pick("vrouw", 2, "echtgenote", 1, "partner", 1)

    def as_parent(self, p):
        return "vader" if p.sex == "m" else "moeder"

    def as_hij(self, p):
        return "hij" if p.sex == "m" else self.pick("zij", 2, "ze", 1)

    def as_Hij(self, p):
        return "Hij" if p.sex == "m" else "Zij"

    def as_hem(self, p):
        return "hem" if p.sex == "m" else "haar"

    def as_zijn(self, p):
        return "zijn" if p.sex == "m" else "haar"

    def as_man(self, p):
        years = self.years(p)
        return ("man" if p.sex == "m" else "vrouw") if years > 17 else ("jongen" if p.sex == "m" else "meisje")

    def as_mv(self, p):
        return self.pick("man", 2, "m", 1) if p.sex == "m" else self.pick("vrouw", 2, "v", 1)

    def years(self, p):
        return int((self.today - p.born).days / 365.25)

    def as_age(self, p):
        n = self.years(p)
        if n < 2:
            months = max(1, int((self.today - p.born).days / 30.5))
            return [(self.pick(f"{months} maanden", 4, f"{months} mnd", 2, f"{months} maanden oud", 2), "age")]
        return [(self.pick(f"{n} jaar", 12, f"{n} jr", 2, f"{n} jr.", 1, f"{n}j", 1, f"{n} jaar oud", 1), "age")]

    def as_jarige(self, p):
        n = max(2, self.years(p))
        return [(self.pick(f"{n}-jarige", 8, f"{n} jarige", 2), "age")]

    def as_years(self, p):
        """The number alone: behind "leeftijd:" and in brackets."""
        return [(str(max(2, self.years(p))), "age")]

    def as_spelt(self, p):
        n = max(2, self.years(p))
        return [(f"{NUMERALS[n]} jaar" if n < len(NUMERALS) else f"{n} jaar", "age")]

    def as_born(self, p):
        return [(self.spell(p.born), "date")]

    def as_birth(self, p):
        return [(self.pick(self.digits(p.born, "-"), 6, self.digits(p.born, "/"), 1, self.digits(p.born, "."), 1,
                           self.spell(p.born), 3), "date")]

    def as_bsn(self, p):
        s = p.bsn
        return [(self.pick(s, 8, f"{s[:4]}.{s[4:6]}.{s[6:]}", 1, f"{s[:3]} {s[3:6]} {s[6:]}", 1), "id:bsn")]

    def as_mail(self, p):
        """Their own address at home."""
        return [(f"{self.local(p)}@{self.rng.choice(houses.MAILS)}", "email")]

    def as_work(self, p):
        return [(f"{self.local(p, True)}@{self.rng.choice(houses.WORK_MAILS)}", "email")]

    def local(self, p, work=False):
        plain, first = ("".join(c for c in unicodedata.normalize("NFKD", x.lower().replace("ı", "i").replace("ł", "l")) if c.isascii() and c.isalnum())
                        for x in (p.infix + p.last, p.first))
        dotted = f"{first[0]}.{plain}"
        return dotted if work and self.rng.random() < 0.8 else self.pick(f"{first}.{plain}", 3, dotted, 2, f"{first}{p.born.year % 100:02d}", 2,
                                                                         f"{first}_{plain}{self.rng.randint(1, 99)}", 1, f"fam.{plain}", 1)

    # Dates.

    def digits(self, d, sep):
        year = d.year if self.rng.random() < 0.8 else f"{d.year % 100:02d}"
        return self.pick(f"{d.day:02d}{sep}{d.month:02d}{sep}{year}", 3, f"{d.day}{sep}{d.month}{sep}{year}", 2)

    def spell(self, d):
        style = self.style if self.rng.random() < 0.8 else self.pick("long", 4, "dash", 4, "short", 1)
        if style == "long":
            return f"{d.day} {MONTHS[d.month - 1]} {d.year}"
        if style == "short":
            dot = self.rng.choice(["", "", "."]) if d.month != 5 else ""
            return self.pick(f"{d.day} {ABBREVIATED[d.month - 1]}{dot} {d.year}", 4, f"{d.day} {ABBREVIATED[d.month - 1]} '{d.year % 100:02d}", 1,
                             f"{d.day}-{ABBREVIATED[d.month - 1]}-{d.year}", 2)
        if style == "iso":
            return d.isoformat()
        return self.digits(d, {"dash": "-", "slash": "/", "dot": "."}[style])

    def day(self, back, forth=0):
        return self.today - datetime.timedelta(days=self.rng.randint(-int(forth), int(back)))

    def slot_today(self):
        return [(self.spell(self.today), "date")]

    def slot_date(self, back="400", forth="0"):
        return [(self.spell(self.day(back, forth)), "date")]

    def slot_soon(self, forth="60"):
        return [(self.spell(self.day(-1, forth)), "date")]

    def slot_dm(self, back="60", forth="0"):
        """Day and month."""
        d = self.day(back, forth)
        return [(self.pick(f"{d.day} {MONTHS[d.month - 1]}", 6, f"{d.day}-{d.month}", 2, f"{d.day:02d}-{d.month:02d}", 1, f"{d.day}/{d.month}", 1,
                           f"{d.day} {ABBREVIATED[d.month - 1]}", 2), "date")]

    def slot_wd(self, back="20", forth="40"):
        """With the day of the week."""
        d = self.day(back, forth)
        long, short = WEEK[d.weekday()], WK[d.weekday()]
        return [(self.pick(f"{long} {d.day} {MONTHS[d.month - 1]} {d.year}", 3, f"{long} {d.day} {MONTHS[d.month - 1]}", 5,
                           f"{short} {d.day}-{d.month}", 2, f"{short} {d.day} {ABBREVIATED[d.month - 1]}", 1, f"{short}. {d.day}/{d.month}", 1,
                           f"{long} {self.digits(d, '-')}", 2), "date")]

    def slot_my(self, back="3000", forth="0"):
        """Month and year."""
        d = self.day(back, forth)
        return [(self.pick(f"{MONTHS[d.month - 1]} {d.year}", 7, f"{ABBREVIATED[d.month - 1]} {d.year}", 2, f"{d.month:02d}-{d.year}", 1,
                           f"{ABBREVIATED[d.month - 1]} '{d.year % 100:02d}", 1), "date")]

    def slot_season(self):
        year = self.today.year - self.rng.randint(0, 8)
        return [("de ", None), (self.pick("zomer", 3, "lente", 1, "winter", 2, "herfst", 2) + f" van {year}", "date")] if self.rng.random() < 0.5 else \
            [(self.pick("zomer", 2, "najaar", 3, "voorjaar", 3) + f" {year}", "date")]

    def slot_year(self):
        return str(self.today.year - self.rng.randint(1, 30))

    def slot_stamp(self):
        d = self.day(30)
        s = f"{self.rng.randint(0, 23):02d}:{self.rng.randint(0, 59):02d}:{self.rng.randint(0, 59):02d}"
        return [(self.pick(f"{d.isoformat()}T{s}", 2, f"{d.isoformat()}T{s}Z", 1, f"{d.isoformat()} {s}", 2), "date")]

    # Places and houses.

    def slot_street(self):
        number = self.rng.randint(1, self.rng.choice([30, 120, 400]))
        return [(f"{self.rng.choice(words.STREETS)} {number}" + self.pick("", 16, "a", 1, "-B", 1, " bis", 1, "-3", 1, " hs", 1, "B", 1), "location")]

    def slot_road(self):
        return [(self.rng.choice(words.STREETS), "location")]

    def slot_zip(self):
        a, b = (self.rng.choice("ABCDEGHJKLMNPRSTVWXZ") for _ in range(2))
        return [(f"{self.rng.randint(1011, 9998)}" + self.pick(" ", 4, "", 1) + (a + b if a + b not in ("SS", "SD", "SA") else "KB"), "location")]

    def slot_place(self):
        """The note's place, or another."""
        return [(self.home if self.rng.random() < 0.5 else self.rng.choice(words.PLACES), "location")]

    def slot_address(self):
        return [*self.slot_street(), (self.pick(", ", 6, " ", 1), None), *self.slot_zip(), (self.pick(" ", 4, "  ", 1), None), *self.slot_place()]

    def slot_postbus(self):
        return [(f"Postbus {self.rng.randint(2, 90999)}", "location")]

    def slot_at(self, kind):
        """An institution of one kind."""
        name = self.rng.choice(getattr(houses, kind.upper()))
        return [(name.replace("{place}", self.home), "institution")]

    # Contacts.

    def slot_mobile(self):
        n = f"{self.rng.randint(10000000, 59999999)}"
        two = " ".join(n[i:i + 2] for i in range(0, 8, 2))
        return [(self.pick(f"06-{n}", 6, f"06{n}", 3, f"06 {n}", 2, f"06 {two}", 2, f"06-{two}", 2, f"+31 6 {n}", 1, f"+316{n}", 1, f"+31 (0)6 {two}", 1,
                           f"0031 6 {n}", 1), "phone")]

    def slot_phone(self):
        area = self.rng.choice(AREAS3 + AREAS4[::2])
        n = "".join(str(self.rng.randint(1 if i == 0 else 0, 9)) for i in range(10 - len(area)))
        split = f"{n[:-4]} {n[-4:-2]} {n[-2:]}"
        return [(self.pick(f"{area}-{n}", 6, f"{area} - {split}", 1, f"({area}) {split}", 2, f"{area} {split}", 2, f"{area}{n}", 1,
                           f"+31 {area[1:]} {n}", 1, f"+31 (0){area[1:]} {split}", 1), "phone")]

    def slot_tel(self):
        return self.slot_phone() if self.rng.random() < 0.4 else self.slot_mobile()

    def slot_service(self):
        n = f"{self.rng.randint(1000000, 9999999)}"
        return [(self.pick(f"088-{n}", 3, f"088 {n[:3]} {n[3:5]} {n[5:]}", 2, f"0900-{n[:4]}", 1, f"0800-{n[:4]}", 1), "phone")]

    def slot_box(self):
        return [(f"{self.rng.choice(houses.BOXES)}@{self.rng.choice(houses.WORK_MAILS)}", "email")]

    def slot_url(self):
        return [(self.pick("", 4, "https://", 3) + self.rng.choice(houses.SITES) + (self.rng.choice(houses.PATHS).rstrip("/")), "url")]

    # Numbers.

    def number(self, kind, *patterns):
        """9 is a digit, 8 one that is not nought, X a capital, Y the year."""
        made = {"9": lambda: str(self.rng.randint(0, 9)), "8": lambda: str(self.rng.randint(1, 9)), "X": lambda: self.rng.choice("ABCDEFGHJKLMNPRSTVWZ"),
                "Y": lambda: str(self.today.year)}
        return [("".join(made[c]() if c in made else c for c in self.rng.choice(patterns)), kind)]

    def slot_patient(self):
        return self.number("id:patient", "8999999", "8999999", "899999", "0899999", "89.99.99", "899.99.99", "P8999999")

    def slot_dossier(self):
        return self.number("id:dossier", "Y/89999", "Z-Y-899999", "89999999", "D89.99999", "Y-8999", "X8999999", "WMO-Y-89999", "899999/X99")

    def slot_agb(self):
        return [(self.rng.choice(["01", "03", "04", "06", "22", "41", "94"]) + self.number("", "999999")[0][0], "id:agb")]

    def slot_big(self):
        return [(self.pick("19", 3, "29", 1, "39", 1, "49", 1, "59", 1) + self.number("", "999999")[0][0] + self.pick("001", 2, "401", 2, "030", 1), "id:big")]

    def slot_kvk(self):
        return self.number("id:kvk", "8999999" + "9")

    def slot_vat(self):
        return [(f"NL{bsn(self.rng)}B{self.rng.randint(1, 9):02d}", "id:vat")]

    def slot_rsin(self):
        return [(bsn(self.rng), "id:rsin")]

    def slot_passport(self):
        return self.number("id:passport", "XX8999998", "XXX899998", "NXX8X99X8")

    def slot_vnumber(self):
        return self.number("id:vnumber", "8999999999")

    def slot_student(self):
        return self.number("id:education", "8999999", "s8999999", "899999")

    def slot_plate(self):
        pattern = self.rng.choice(PLATES)
        s = "".join(self.rng.choice("BDFGHJKLNPRSTVXZ") if c == "X" else str(self.rng.randint(0, 9)) if c == "9" else c for c in pattern)
        return [(s if self.rng.random() < 0.85 else s.replace("-", ""), "id:plate")]

    def slot_iban(self):
        if self.rng.random() < 0.08:
            country, size = self.rng.choice([("DE", 18), ("BE", 12), ("PL", 24), ("ES", 20)])
            s = iban(country, "".join(str(self.rng.randint(0, 9)) for _ in range(size)))
        else:
            s = iban("NL", self.rng.choice(BANKS) + f"{self.rng.randint(10000000, 999999999):010d}")
        return [(s if self.rng.random() < 0.5 else " ".join(s[i:i + 4] for i in range(0, len(s), 4)), "id:iban")]

    def slot_card(self):
        s = luhn(self.rng.choice(["4", "52", "54"]).ljust(2, "5") + "".join(str(self.rng.randint(0, 9)) for _ in range(13)))
        return [(self.pick(" ".join(s[i:i + 4] for i in range(0, 16, 4)), 3, s, 1), "id:card")]

    def slot_ip(self):
        return [(".".join(str(self.rng.randint(1, 254)) for _ in range(4)), "id:ip")]

    def slot_mac(self):
        return [(":".join(f"{self.rng.randint(0, 255):02x}" for _ in range(6)), "id:mac")]

    # Nothing to be found.

    def slot_say(self, pool):
        """A sentence of a pool, none twice in a note while there are others."""
        unsaid = [x for x in POOLS[pool] if x not in self.said] or POOLS[pool]
        sentence = self.rng.choice(unsaid)
        self.said.add(sentence)
        return Expander(self.rng, self, POOLS).expand(sentence)

    def slot_n(self, low, high):
        return str(self.rng.randint(int(low), int(high)))

    def slot_x(self, low, high):
        """With one decimal, and a comma."""
        return f"{self.rng.randint(int(low) * 10, int(high) * 10) / 10:.1f}".replace(".", ",")

    def slot_clock(self):
        h, m = self.rng.randint(0, 23), self.rng.choice([0, 5, 10, 15, 20, 30, 40, 45, 50])
        return self.pick(f"{h:02d}:{m:02d}", 4, f"{h}.{m:02d}", 2, f"{h:02d}.{m:02d} uur", 2)

    def slot_rr(self):
        high = self.rng.randint(98, 185)
        return f"{high}/{high - self.rng.randint(30, 75)}"

    def slot_euro(self):
        return f"€ {self.rng.randint(11, 990)},{self.rng.choice(['00', '50', '25', '-'])}"
