"""What stands in the slots: persons, dates, ages, places, contacts and identifiers, valid by their own rules and about nobody."""
import datetime

MONTHS = "januari februari maart april mei juni juli augustus september oktober november december".split()
SHORT = "jan feb mrt apr mei jun jul aug sep okt nov dec".split()
DAYS = "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag".split()
SHORT_DAYS = "ma di wo do vr za zo".split()
ROMAN = "I II III IV V VI VII VIII IX X XI XII".split()
PLATE_LETTERS = "BDFGHJKLNPRSTVXZ"
PLATE_BANNED = {"GVD", "KKK", "NSB", "PKK", "PSV", "TBS", "SS", "SD", "PVV", "SGP", "VVD"}
PLATES = ["XX-99-99", "99-99-XX", "99-XX-99", "XX-99-XX", "XX-XX-99", "99-XX-XX", "99-XXX-9", "9-XXX-99", "XX-999-X", "X-999-XX", "XXX-99-X"]
AREAS = ["010", "013", "015", "020", "023", "024", "026", "030", "033", "035", "038", "040", "043", "045", "046", "050", "053", "055", "058",
         "070", "071", "072", "073", "074", "075", "076", "077", "078", "079", "0111", "0113", "0118", "0162", "0165", "0180", "0182", "0223", "0227",
         "0294", "0314", "0321", "0341", "0342", "0343", "0344", "0346", "0348", "0411", "0413", "0416", "0478", "0481", "0485", "0487", "0492",
         "0493", "0495", "0499", "0512", "0513", "0515", "0516", "0517", "0519", "0522", "0523", "0524", "0528", "0529", "0541", "0543", "0544",
         "0546", "0548", "0570", "0572", "0573", "0575", "0577", "0578", "0591", "0592", "0593", "0594", "0595", "0596", "0597", "0598", "0599"]
FOREIGN_IBAN = [("DE", "dddddddddddddddddd"), ("BE", "dddddddddddd"), ("FR", "ddddddddddddddddddddddd"), ("PL", "dddddddddddddddddddddddd"),
                ("GB", "LLLLdddddddddddddd"), ("LT", "dddddddddddddddd"), ("ES", "dddddddddddddddddddd"), ("MT", "LLLLddddddddddddddddddddddd")]
NL_BANKS = ["ABNA", "INGB", "RABO", "TRIO", "SNSB", "ASNB", "BUNQ", "KNAB", "RBRB", "FVLB"]


def bsn_total(digits):
    return sum(w * d for w, d in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), digits))


def luhn_digit(digits):
    total = 0
    for i, d in enumerate(reversed(digits)):
        d = d * 2 if i % 2 == 0 else d
        total += d - 9 if d > 9 else d
    return -total % 10


class Person:
    """One person of a note's cast."""

    def __init__(self, rng, words, today, last=None, want=""):
        """want: "m" or "v", or an age: "b" an infant, "k" a child at school, "w" somebody who works."""
        self.rng = rng
        origin = rng.choices(list(words.PEOPLE), [words.PEOPLE[o]["weight"] for o in words.PEOPLE])[0]
        people = words.PEOPLE[origin]
        self.sex = want if want in ("m", "v") else rng.choice("mv")
        self.first = rng.choice(people[self.sex])
        self.more = rng.sample(people[self.sex], rng.choice([0, 0, 1, 1, 2]))
        interfix, self.last = last or self.family(rng, words, people["last"])
        self.interfix = interfix
        self.own = (self.interfix, self.last)
        low, high = {"b": (0, 1), "k": (4, 17), "w": (19, 66)}.get(want, (19, 96))
        self.born = today - datetime.timedelta(days=rng.randint(low * 365 + 60, high * 365 + 300))
        if last is None and self.sex == "v" and want not in ("b", "k") and rng.random() < 0.15:
            other = rng.choice(people["last"])
            self.last = f"{self.last}-{(other[0] + ' ' if other[0] else '')}{other[1]}"

    @staticmethod
    def family(rng, words, names):
        """Of the list, or (one in six) built of two parts, as names are that stand in nobody's list."""
        if rng.random() < 5 / 6:
            return rng.choice(names)
        return rng.choice(["", "", "", "van", "van de", "te"]), rng.choice(words.FRONTS) + rng.choice(words.BACKS)

    def letters(self):
        out = []
        for name in [self.first, *self.more]:
            out.append({"Ch": "Ch", "Th": "Th", "IJ": "IJ"}.get(name[:2], name[0]) if self.rng.random() < 0.6 else name[0])
        return out

    def initials(self):
        return "".join(x + "." for x in self.letters())

    def last_lower(self):
        return f"{self.interfix} {self.last}" if self.interfix else self.last

    def last_capital(self):
        s = self.last_lower()
        if s[0] == "'":
            return s[:1] + s[1:2] + s[2:] if self.rng.random() < 0.5 else "'T" + s[2:]
        return s[0].upper() + s[1:]


class Slots:
    """The cast and the facts of one note. `words` is a half's module of lists; `extra` says which forms only that half has."""

    def __init__(self, rng, words, extra=False):
        self.rng, self.words, self.extra = rng, words, extra
        self.cast = {}
        self.today = datetime.date(rng.randint(2009, 2026), rng.randint(1, 12), rng.randint(1, 28))

    def odd(self):
        """One in 25 dates and ages of `test` has a form that `dev` never shows."""
        return self.extra and self.rng.random() < 0.04

    def fill(self, name, args):
        if "." in name:
            who, form = name.split(".", 1)
            return self.person(who, form)
        if name in self.words.LISTS:
            return self.rng.choice(self.words.LISTS[name])
        return getattr(self, "slot_" + name)(*args)

    # Persons: P the patient or subject, Q and R relatives of P (the same family name now and then), A to E professionals, N others.
    # "Q:v" is Q, a woman where Q is new; "P:k" a child.

    def who(self, who):
        who, _, want = who.partition(":")
        if who not in self.cast:
            last = None
            if who in "QR" and self.rng.random() < 0.5:
                last = self.who("P").own
            self.cast[who] = Person(self.rng, self.words, self.today, last, want)
        return self.cast[who]

    def title(self, p, capital=False, short=True):
        s = self.rng.choice((["dhr.", "Dhr.", "de heer", "meneer", "de heer", "dhr"] if p.sex == "m" else
                             ["mw.", "mevr.", "mevrouw", "mevrouw", "Mw.", "mw", "mevr"]) if short else
                            (["de heer", "meneer"] if p.sex == "m" else ["mevrouw"]))
        return s[0].upper() + s[1:] if capital else s

    def person(self, who, form):
        rng, p = self.rng, self.who(who)
        full = f"{p.first} {p.last_lower()}"
        lead = p.initials()
        if form == "age":
            return str(max(1, int((self.today - p.born).days / 365.25)))
        if form == "agenum":
            return [(self.person(who, "age"), "age")]
        if form == "first":
            return [(p.first, "person")]
        if form == "full":
            return [(full, "person")]
        if form == "last":
            return [(p.last_capital(), "person")]
        if form == "lower":
            return [(p.last_lower(), "person")]
        if form == "il":
            lead = rng.choice([lead] * 6 + [" ".join(x + "." for x in p.letters()), "".join(p.letters()), lead.rstrip(".")])
            return [(f"{lead} {p.last_lower()}", "person")]
        if form == "initials":
            return [(lead, "person")]
        if form == "firsts":
            return [(" ".join([p.first, *p.more, p.last_lower()]), "person")]
        if form == "lf":
            given = rng.choice([lead, p.first])
            if not p.interfix:
                return [(f"{p.last}, {given}", "person")]
            return [(rng.choice([f"{p.last}, {given} {p.interfix}", f"{p.last_lower()}, {given}", f"{p.last_capital()}, {given}"]), "person")]
        if form == "caps":
            return [(rng.choice([f"{lead} {p.last_lower()}", full, p.last_lower()]).upper(), "person")]
        if form == "lastcaps":
            return [(f"{p.first} {p.last_lower().upper()}", "person")]
        if form == "t":
            return [(self.title(p) + " ", None), (p.last_capital(), "person")]
        if form == "T":
            return [(self.title(p, capital=True) + " ", None), (p.last_capital(), "person")]
        if form == "tl":
            return [(self.title(p, short=False) + " ", None), (p.last_capital(), "person")]
        if form == "ti":
            return [(self.title(p) + " ", None), (f"{lead} {p.last_lower()}", "person")]
        if form == "tf":
            return [(self.title(p) + " ", None), (full, "person")]
        if form == "dr":
            return [(rng.choice(["dr. ", "dokter ", "dr. ", "Dr. ", "collega ", "drs. ", "prof. dr. ", "prof. ", "dr "]), None),
                    (p.last_capital(), "person")]
        if form == "dri":
            return [(rng.choice(["dr. ", "drs. ", "prof. dr. ", "prof.dr. ", "mr. dr. ", "Dr. ", "mr. ", "ir. "]), None),
                    (f"{lead} {p.last_lower()}", "person")]
        if form == "mr":
            return [(rng.choice(["mr. ", "mr. "]), None), (f"{lead} {p.last_lower()}", "person")]
        if form == "hij":
            return "hij" if p.sex == "m" else "zij"
        if form == "Hij":
            return "Hij" if p.sex == "m" else "Zij"
        if form == "hem":
            return "hem" if p.sex == "m" else "haar"
        if form == "zijn":
            return "zijn" if p.sex == "m" else "haar"
        if form == "man":
            return "man" if p.sex == "m" else "vrouw"
        if form == "rel":
            return rng.choice(["echtgenoot", "broer", "vader", "zoon", "man"] if p.sex == "m" else ["echtgenote", "zus", "moeder", "dochter", "vrouw"])
        if form == "jongen":
            return "jongen" if p.sex == "m" else "meisje"
        if form == "zoon":
            return "zoon" if p.sex == "m" else "dochter"
        if form == "sex":
            return p.sex
        if form == "dob":
            return [(self.spell(p.born, year=True), "date")]
        if form == "jarige":
            n = self.person(who, "age")
            return [(rng.choice([f"{n}-jarige", f"{n} jarige", f"{n}-jarige", f"{n}jarige"]), "age")]
        if form == "jaar":
            n = self.person(who, "age")
            return [(rng.choice([f"{n} j.", f"{n} jaren oud"] if self.odd() else [f"{n} jaar", f"{n} jaar", f"{n} jr", f"{n} jr.", f"{n}jr"]), "age")]
        if form == "mail":
            domain = rng.choice(self.words.DOMAINS)
            last = "".join(c for c in p.last.lower() if c.isascii() and c.isalpha()) or "post"
            first = "".join(c for c in p.first.lower() if c.isascii() and c.isalpha()) or "info"
            local = rng.choice([f"{first}.{last}", f"{first[0]}.{last}", f"{first}{p.born.year % 100:02}", f"{first[0]}{last}", f"{last}_{first}"])
            return [(f"{local}@{domain}", "email")]
        raise ValueError(form)

    # Dates. A span is the whole date with its weekday and year; a time of day beside it is not part of it, an ISO timestamp is.

    def spell(self, d, year):
        rng = self.rng
        y = d.year
        forms = [f"{d.day:02}-{d.month:02}-{y}"] * 4 + [f"{d.day}-{d.month}-{y}"] * 3 + [f"{d.day} {MONTHS[d.month - 1]} {y}"] * 4 + [
            f"{d.day:02}/{d.month:02}/{y}", f"{d.day}/{d.month}/{y}", f"{d.day:02}.{d.month:02}.{y}", f"{y}-{d.month:02}-{d.day:02}",
            f"{y}-{d.month:02}-{d.day:02}", f"{d.day} {SHORT[d.month - 1]} {y}", f"{d.day} {SHORT[d.month - 1]}. {y}",
            f"{d.day:02}-{SHORT[d.month - 1]}-{y}", f"{d.day}-{d.month}-'{y % 100:02}", f"{d.day} {MONTHS[d.month - 1]} '{y % 100:02}",
            f"{d.day:02}-{d.month:02}-{y % 100:02}", f"{y}/{d.month:02}/{d.day:02}", f"{d.day}{SHORT[d.month - 1]}{y}"]
        if self.odd():
            forms = [f"{d.day}-{ROMAN[d.month - 1]}-{y}", f"{d.day}e {MONTHS[d.month - 1]} {y}", f"{d.day} - {d.month} - {y}",
                      f"{d.day:02}{d.month:02}{y}" if d.day > 12 else f"{d.day:02}-{d.month:02}-{y}"]
        if not year:
            forms = [f"{d.day} {MONTHS[d.month - 1]}"] * 4 + [f"{d.day}-{d.month}"] * 2 + [f"{d.day}/{d.month}", f"{d.day} {SHORT[d.month - 1]}"]
        return rng.choice(forms)

    def near(self, days):
        return self.today - datetime.timedelta(days=self.rng.randint(0, int(days)))

    def slot_date(self, days="400"):
        return [(self.spell(self.near(days), year=True), "date")]

    def slot_today(self):
        return [(self.spell(self.today, year=True), "date")]

    def slot_long(self, days="200"):
        d = self.near(days)
        return [(f"{d.day} {MONTHS[d.month - 1]} {d.year}", "date")]

    def slot_dm(self, days="60"):
        d = self.near(days)
        return [(f"{d.day} {self.rng.choice([MONTHS, MONTHS, SHORT])[d.month - 1]}", "date")]

    def slot_dmn(self, days="60"):
        """Day and month by numbers; the template has "op", "d.d." or the like before it."""
        d = self.near(days)
        return [(f"{d.day}{self.rng.choice('-/')}{d.month}", "date")]

    def slot_my(self, days="3000"):
        d = self.near(days)
        forms = [f"{MONTHS[d.month - 1]} {d.year}"] * 4 + [f"{SHORT[d.month - 1]} {d.year}", f"{MONTHS[d.month - 1]} '{d.year % 100:02}"]
        if self.odd():
            forms = [f"{MONTHS[d.month - 1]} van {d.year}"]
        return [(self.rng.choice(forms), "date")]

    def slot_mynum(self, days="3000"):
        d = self.near(days)
        return [(self.rng.choice([f"{d.month:02}-{d.year}", f"{d.month:02}/{d.year}"]), "date")]

    def slot_season(self, days="3000"):
        return [(f"{self.rng.choice(['voorjaar', 'zomer', 'najaar', 'winter', 'herfst', 'lente'])} {self.near(days).year}", "date")]

    def slot_weekday(self, days="30"):
        d = self.near(days)
        forms = [f"{DAYS[d.weekday()]} {d.day} {MONTHS[d.month - 1]}", f"{DAYS[d.weekday()]} {d.day} {MONTHS[d.month - 1]} {d.year}",
                 f"{SHORT_DAYS[d.weekday()]} {d.day}-{d.month}", f"{SHORT_DAYS[d.weekday()]} {d.day:02}-{d.month:02}-{d.year}"]
        return [(self.rng.choice(forms), "date")]

    def slot_iso(self, days="400"):
        d = self.near(days)
        return [(f"{d}T{self.rng.randint(0, 23):02}:{self.rng.randint(0, 59):02}:{self.rng.randint(0, 59):02}{self.rng.choice(['', 'Z', '+01:00'])}", "date")]

    def slot_compact(self, days="400"):
        return [(self.near(days).strftime("%Y%m%d"), "date")]

    def slot_year(self):
        """A year alone: not annotated."""
        return str(self.rng.randint(1975, 2025))

    def slot_clock(self):
        return self.rng.choice(["{:02}:{:02}", "{:02}:{:02} uur", "{}.{:02} uur", "{}:{:02}u"]).format(self.rng.randint(0, 23), self.rng.randint(0, 59))

    # Ages

    def slot_age(self, low="20", high="97"):
        n = self.rng.randint(int(low), int(high))
        return [(self.rng.choice([f"{n} jaar", f"{n} jaar", f"{n} jr"]), "age")]

    def slot_jarige(self, low="20", high="97"):
        n = self.rng.randint(int(low), int(high))
        return [(self.rng.choice([f"{n}-jarige", f"{n} jarige"]), "age")]

    def slot_childage(self):
        n = self.rng.randint(2, 16)
        return [(self.rng.choice([f"{n} jaar", f"{n} jr", f"{n} jr.", f"{n}j"]), "age")]

    def slot_agenum(self, low="20", high="97"):
        """After "leeftijd:" and the like."""
        return [(str(self.rng.randint(int(low), int(high))), "age")]

    def slot_babyage(self):
        n = self.rng.randint(2, 20)
        return [(self.rng.choice([f"{n} maanden oud", f"{n} weken oud"]), "age")]

    # Numbers that mean nothing for privacy

    def slot_n(self, low, high):
        return str(self.rng.randint(int(low), int(high)))

    def slot_dec(self, low, high):
        return f"{self.rng.randint(int(low), int(high))},{self.rng.randint(0, 9)}"

    def slot_dose(self):
        rng = self.rng
        return rng.choice(["{} mg", "{} MG", "{}mg", "{} mcg", "{} ml", "{} IE"]).format(rng.choice([5, 10, 20, 25, 40, 50, 80, 100, 500, 850, 1000, 1500, 2000]))

    def slot_freq(self):
        rng = self.rng
        return rng.choice(["1 dd", "2 dd 1", "3 x daags", "1-0-1", "1-0-0-1", "zo nodig", "2x per dag", "a.n.", "1dd1", "2 x daags 500"])

    def slot_rr(self):
        return f"{self.rng.randint(95, 190)}/{self.rng.randint(50, 105)}"

    def slot_icd(self):
        return self.rng.choice(["I21.0", "E11.9", "J44.1", "F32.2", "C50.4", "S72.00", "K35.8", "F20.0", "M16.1", "G20", "N39.0", "I48.9", "Z51.1"])

    # Places. Street with number and addition, postcode, place: a span each.

    def slot_street(self):
        rng, n = self.rng, self.rng.randint(1, 320)
        tail = rng.choice([f"{n}"] * 8 + [f"{n}{rng.choice('abcABC')}", f"{n} {rng.choice('ABab')}", f"{n}-{rng.randint(1, 20)}", f"{n}-{rng.choice(['I', 'II', 'III', 'hs', 'bis'])}",
                                        f"{n} hs", f"{n} bis"])
        return [(f"{rng.choice(self.words.STREETS)} {tail}", "location")]

    def slot_streetonly(self):
        return [(self.rng.choice(self.words.STREETS), "location")]

    def slot_pc(self):
        rng = self.rng
        while True:
            letters = rng.choice("ABCDEGHJKLMNPRSTVWXZ") + rng.choice("ABCDEGHJKLMNPRSTVWXZ")
            if letters not in ("SA", "SD", "SS", "MG", "ML", "MM", "CC", "KG"):
                break
        return [(f"{rng.randint(1011, 9999)}{rng.choice(['', ' ', ' ', ' '])}{letters}", "location")]

    def slot_city(self):
        return [(self.rng.choice(self.words.CITIES), "location")]

    def slot_city_caps(self):
        return [(text.upper(), kind) for text, kind in self.slot_city()]

    def slot_court(self):
        """It acts, and its place is part of its name."""
        return [(f"RECHTBANK {self.rng.choice(self.words.CITIES).upper()}", "institution")]

    def slot_azc(self):
        return [(f"azc {self.rng.choice(self.words.CITIES)}", "institution")]

    def slot_unit(self):
        return [(f"Politie-eenheid {self.rng.choice(self.words.CITIES)}", "institution")]

    def slot_pobox(self):
        n = self.rng.randint(10, 99999)
        return [(self.rng.choice([f"Postbus {n}", f"postbus {n}", f"Postbus {n}", f"Antwoordnummer {n}"]), "location")]

    def slot_addr(self):
        rng = self.rng
        sep = rng.choice([", ", ", ", "\n", " "])
        return [*self.slot_street(), (sep, None), *self.slot_pc(), (rng.choice([" ", "  ", " "]), None), *self.slot_city()]

    def slot_inst(self):
        return [(self.rng.choice(self.words.INSTITUTIONS), "institution")]

    def slot_hosp(self):
        return [(self.rng.choice(self.words.HOSPITALS), "institution")]

    def slot_school(self):
        return [(self.rng.choice(self.words.SCHOOLS), "institution")]

    def slot_care(self):
        return [(self.rng.choice(self.words.CARE), "institution")]

    def slot_insurer(self):
        return [(self.rng.choice(self.words.INSURERS), "institution")]

    def slot_firm(self):
        return [(self.rng.choice(self.words.FIRMS), "institution")]

    def slot_gem(self):
        return [(f"{self.rng.choice(['gemeente', 'gemeente', 'Gemeente'])} {self.rng.choice(self.words.CITIES)}", "institution")]

    # Contacts

    def digits(self, n):
        return "".join(str(self.rng.randint(0, 9)) for _ in range(n))

    def slot_mobile(self):
        d = self.rng.choice("12345") + self.digits(7)
        forms = [f"06-{d}", f"06-{d}", f"06{d}", f"06 {d}", f"+316{d}", f"+31 6 {d}", f"06 {d[:2]} {d[2:4]} {d[4:6]} {d[6:]}", f"06-{d[:4]} {d[4:]}",
                 f"+31(0)6{d}", f"0031 6 {d}", f"06-{d[:2]} {d[2:4]} {d[4:6]} {d[6:]}", f"06 - {d}", f"06.{d[:2]}.{d[2:4]}.{d[4:6]}.{d[6:]}"]
        return [(self.rng.choice(forms), "phone")]

    def slot_fixed(self):
        area = self.rng.choice(AREAS)
        d = str(self.rng.randint(2, 8)) + self.digits(9 - len(area))
        forms = [f"{area}-{d}", f"{area}-{d}", f"{area} {d}", f"{area}{d}", f"+31 {area[1:]} {d}", f"({area}) {d}", f"+31 (0){area[1:]} {d}",
                 f"{area} - {d[:3]} {d[3:]}", f"{area} {d[:3]} {d[3:5]} {d[5:]}", f"0031{area[1:]}{d}"]
        return [(self.rng.choice(forms), "phone")]

    def slot_phone(self):
        return self.rng.choice([self.slot_mobile, self.slot_fixed, self.slot_service, self.slot_fixed, self.slot_mobile])()

    def slot_service(self):
        d = self.digits(7)
        return [(self.rng.choice([f"088-{d}", f"088 {d[:3]} {d[3:5]} {d[5:]}", f"0800-{d[:4]}", f"0900-{d[:4]}", f"085-{d}", f"088{d}"]), "phone")]

    def slot_mail(self):
        return [(f"{self.rng.choice(self.words.MAILBOXES)}@{self.rng.choice(self.words.SITES)}", "email")]

    def slot_url(self):
        site = self.rng.choice(self.words.SITES)
        forms = [f"https://www.{site}", f"www.{site}", f"https://{site}/{self.rng.choice(['contact', 'mijn/dossier', 'afspraak?id=' + self.digits(5), 'poli'])}",
                 f"http://{site}/"]
        return [(self.rng.choice(forms), "url")]

    # Identifiers

    def nine(self, residue=0):
        while True:
            d = [self.rng.randint(0, 9) for _ in range(9)]
            if d[0] != 0 and bsn_total(d) % 11 == residue:
                return "".join(map(str, d))

    def slot_bsn(self):
        """Near a keyword: any spelling."""
        s = self.nine()
        return [(self.rng.choice([s] * 5 + [f"{s[:4]}.{s[4:6]}.{s[6:]}", f"{s[:3]} {s[3:6]} {s[6:]}", f"{s[:4]} {s[4:6]} {s[6:]}", f"{s[:3]}-{s[3:6]}-{s[6:]}",
                                        f"{s[:3]}.{s[3:6]}.{s[6:]}"]), "id:bsn")]

    def slot_bsnbare(self):
        """With no keyword near."""
        return [(self.nine(), "id:bsn")]

    def slot_bsn8(self):
        while True:
            s = self.nine()
            t = [0] + [int(c) for c in s[:8]]
            for last in range(10):
                t[8] = last
                if bsn_total(t) % 11 == 0:
                    return [("".join(map(str, t[1:])), "id:bsn")]

    def slot_rsin(self):
        return [(self.nine(), "id:rsin")]

    def slot_vat(self):
        return [(f"NL{self.nine()}B{self.rng.randint(1, 99):02}", "id:vat")]

    def slot_edu(self):
        while True:
            s = "10" + self.digits(7)
            if bsn_total([int(c) for c in s]) % 11 == 5:
                return [(s, "id:education")]

    def iban(self, country, bban):
        value = "".join(str(int(c, 36)) for c in bban + country + "00")
        return f"{country}{98 - int(value) % 97:02}{bban}"

    def slot_iban(self):
        rng = self.rng
        if rng.random() < 0.75:
            s = self.iban("NL", rng.choice(NL_BANKS) + "0" + self.digits(9))
        else:
            country, form = rng.choice(FOREIGN_IBAN)
            s = self.iban(country, "".join(rng.choice("ABCDEFGHKLMNPRSTVW") if c == "L" else str(rng.randint(0, 9)) for c in form))
        if rng.random() < 0.5:
            s = " ".join(s[i:i + 4] for i in range(0, len(s), 4))
        return [(s, "id:iban")]

    def slot_plate(self):
        rng = self.rng
        while True:
            s = "".join(rng.choice(PLATE_LETTERS) if c == "X" else str(rng.randint(0, 9)) if c == "9" else c for c in rng.choice(PLATES))
            groups = set(s.split("-"))
            if not groups & PLATE_BANNED:
                return [(s, "id:plate")]

    def document(self):
        rng = self.rng
        letters, mixed = "ABCDEFGHIJKLMNPRSTUVWXYZ", "ABCDEFGHJKLMNPRSTUVWXYZ123456789"
        return rng.choice(letters[:16]) + rng.choice(letters) + "".join(rng.choice(mixed) for _ in range(6)) + str(rng.randint(1, 9))

    def slot_passport(self):
        return [(self.document(), "id:passport")]

    def slot_agb(self):
        return [(f"{self.rng.choice(['01', '03', '12', '94'])}{self.digits(6)}", "id:agb")]

    def slot_big(self):
        return [(f"{self.rng.choice(['19', '29', '39', '49', '59', '69', '79', '89', '99'])}0{self.digits(6)}01"[:11], "id:big")]

    def slot_kvk(self):
        return [(f"{self.rng.randint(10000000, 89999999)}", "id:kvk")]

    def slot_vnr(self):
        return [(f"{self.rng.randint(2000000000, 2999999999)}", "id:vnumber")]

    def slot_pnr(self):
        return [(f"{self.rng.randint(1000000, 9999999)}", "id:patient")]

    def slot_dossier(self):
        """Digits alone: what the detectors promise near a keyword."""
        return [(f"{self.rng.randint(10000000, 999999999)}", "id:dossier")]

    def slot_pa(self):
        """Of a pathologist's report: it tells one patient apart."""
        return [(f"T{self.rng.randint(10, 25)}-{self.rng.randint(10000, 29999)}", "id:pathology")]

    def slot_ip(self):
        rng = self.rng
        if rng.random() < 0.8:
            return [(f"{rng.choice([10, 145, 192, 213, 83, 77])}.{rng.randint(0, 254)}.{rng.randint(0, 254)}.{rng.randint(1, 254)}", "id:ip")]
        return [(f"2001:{rng.randint(0x400, 0xfff):x}:{rng.randint(1, 0xffff):x}::{rng.randint(1, 0xffff):x}", "id:ip")]

    def slot_mac(self):
        return [(self.rng.choice(":-").join(f"{self.rng.randint(0, 255):02X}" for _ in range(6)), "id:mac")]

    def slot_card(self):
        d = [int(c) for c in self.rng.choice(["4", "51", "53", "37"])]
        size = 14 if d[0] == 3 else 15
        while len(d) < size:
            d.append(self.rng.randint(0, 9))
        s = "".join(map(str, d + [luhn_digit(d)]))
        return [(self.rng.choice([s, " ".join(s[i:i + 4] for i in range(0, 16, 4)), "-".join(s[i:i + 4] for i in range(0, 16, 4))])
                 if len(s) == 16 else s, "id:card")]
