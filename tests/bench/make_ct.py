#!/usr/bin/env python3
"""Makes a data set of the shape that deploy/policies/ct-pneumonie.yaml is for: patients.csv, letters.jsonl, dicom/.

usage: make_ct.py OUT [--patients N] [--letters N] [--scans N] [--seed N] [--optout N] [--strangers N]

A patient has that many letters and DICOM headers; of all patients the last --optout are on the list OUT.optout.txt, and
--strangers letters and scans belong to nobody in the table. Keys are spelled with and without their zeros. What each
patient is called, and everything else that may not get out, stands in OUT.truth.json. All of it is made up.
"""
import argparse, csv, datetime, json, os, random, struct

FIRST = """Aleida Bram Cato Dirkje Egbert Fenna Gijsbert Hiske Ilse Jurre Klaasje Lubbert Mina Nanno Okke Pleun Riekje Sjoerd
Tjitske Ubbo Vrouwke Wiebe Ynskje Zwaantje Marijke Hendrikus Roelofje Douwe Aaltje Berend""".split()
LAST = """van der Zandschulp|Hoogmoed|de Wildebras|Kuipersma|ten Broekhuis|van Oosterzande|Veldmeijer|in 't Houtveld|Brandenga|
Schoonderwal|van 't Spijkerman|Poelstraten|Dijkhuizinga|ter Meulenbelt|Rozenboomker|Waterdrinkel|van den Eshuizen|Koolmeesters|
Appelmanga|Buitendijkster|Zoetendaal|de Kromhoutman|Nijenhuisen|Slagtermaat|Vrijlandt|Oudekerker|Tolsmaat|Heuvelinker""".replace("\n", "").split("|")
STREETS = "Kerkpadlaan Molenweidestraat Dorpsbrinkweg Lindenhofplein Havengrachtkade Esdoornsingel Wilgenwaard Kapelbrugsteeg".split()
PLACES = "Waterdam|Oosterveen|Nieuw-Zandwolde|Klein Hoogeveld|Rietmeer|Zuiderwijk".split("|")
WORDS = """De klachten bestaan sinds een week met hoesten en koorts. Bij auscultatie crepitaties rechts basaal. Saturatie is
goed zonder zuurstof. Het infiltraat is kleiner geworden. Advies: kuur afmaken en controle bij de huisarts. Het bloedbeeld is
rustig. Er is geen pleuravocht. Bekend met hypertensie en COPD.""".replace("\n", " ").split(". ")
MONTHS = "januari februari maart april mei juni juli augustus september oktober november december".split()


def bsn(rng):
    while True:
        digits = [rng.randrange(1, 10)] + [rng.randrange(10) for _ in range(7)]
        check = sum(d * (9 - i) for i, d in enumerate(digits)) % 11
        if check < 10:
            return "".join(map(str, digits)) + str(check)


def element(group, tag, vr, value):
    if isinstance(value, str):
        value = value.encode()
    if len(value) % 2:
        value += b"\0" if vr == b"UI" else b" "
    head = struct.pack("<HH2s", group, tag, vr)
    if vr in (b"OB", b"OW", b"UN", b"SQ", b"UT"):
        return head + struct.pack("<HI", 0, len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def dicom(patient, key, day, uid):
    """A CT header with a tiny image, explicit VR little endian."""
    ct, syntax = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.1"
    meta = element(2, 1, b"OB", b"\0\1") + element(2, 2, b"UI", ct) + element(2, 3, b"UI", uid) + element(2, 0x10, b"UI", syntax) \
        + element(2, 0x12, b"UI", "1.2.3.4")
    date = day.strftime("%Y%m%d")
    body = b"".join([
        element(8, 0x0008, b"CS", "ORIGINAL\\PRIMARY\\AXIAL"), element(8, 0x0016, b"UI", ct), element(8, 0x0018, b"UI", uid),
        element(8, 0x0020, b"DA", date), element(8, 0x0021, b"DA", date), element(8, 0x0030, b"TM", "101500"),
        element(8, 0x0050, b"SH", "A" + key), element(8, 0x0060, b"CS", "CT"), element(8, 0x0070, b"LO", "Maker"),
        element(8, 0x0090, b"PN", "Arts^Iemand"), element(8, 0x1030, b"LO", "CT thorax"),
        element(0x10, 0x0010, b"PN", patient["achternaam"].split()[-1] + "^" + patient["voornaam"]),
        element(0x10, 0x0020, b"LO", key), element(0x10, 0x0030, b"DA", patient["geboren"].replace("-", "")),
        element(0x10, 0x0040, b"CS", "M" if patient["geslacht"] == "M" else "F"),
        element(0x10, 0x1010, b"AS", "%03dY" % patient["leeftijd"]),
        element(0x18, 0x0050, b"DS", "1.5"), element(0x18, 0x0060, b"DS", "120"),
        element(0x20, 0x000d, b"UI", uid + ".1"), element(0x20, 0x000e, b"UI", uid + ".2"), element(0x20, 0x0010, b"SH", "S1"),
        element(0x20, 0x0011, b"IS", "1"), element(0x20, 0x0013, b"IS", "1"),
        element(0x28, 0x0002, b"US", struct.pack("<H", 1)), element(0x28, 0x0004, b"CS", "MONOCHROME2"),
        element(0x28, 0x0010, b"US", struct.pack("<H", 4)), element(0x28, 0x0011, b"US", struct.pack("<H", 4)),
        element(0x28, 0x0100, b"US", struct.pack("<H", 16)), element(0x28, 0x0101, b"US", struct.pack("<H", 12)),
        element(0x28, 0x0102, b"US", struct.pack("<H", 11)), element(0x28, 0x0103, b"US", struct.pack("<H", 0)),
        element(0x7fe0, 0x0010, b"OW", bytes(32)),
    ])
    return bytes(128) + b"DICM" + element(2, 0, b"UL", struct.pack("<I", len(meta))) + meta + body


def postcode(rng):
    """Most people live near the hospital, in areas of the postcode's first two figures; few come from far away."""
    area = rng.choice([35, 35, 35, 36]) if rng.random() < 0.997 else rng.randrange(40, 99)
    return area * 100 + int(40 * rng.random() ** 2)


def spelled(rng, number):
    return str(number) if rng.random() < 0.5 else "%07d" % number


def letter(rng, p, day):
    """One letter: the patient's own name and numbers in several spellings, two full dates, and what doctors write."""
    last, first = p["achternaam"], p["voornaam"]
    nl = "%d %s %d" % (day.day, MONTHS[day.month - 1], day.year)
    later = day + datetime.timedelta(days=rng.randrange(3, 40))
    who = rng.choice(["%s %s" % (first, last), "%s. %s" % (first[0], last), last.upper(), first.lower() + " " + last.lower()])
    parts = ["Geachte collega,", "Op %s zag ik %s op de polikliniek." % (nl, who), rng.choice(WORDS) + ".",
             "%s %s woont aan de %s te %s." % (p["aanhef"], last.split()[-1], p["straat"], p["plaats"]),
             rng.choice(WORDS) + ".", "Controle op %s." % later.strftime("%d-%m-%Y"),
             rng.choice(["BSN %s." % p["bsn"], "Patientnummer %s." % p["patientnr"], "%s deed het goed." % first, ""])]
    return " ".join(x for x in parts if x), [day.isoformat(), later.isoformat()]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("out")
    for name, default in (("patients", 10000), ("letters", 2), ("scans", 1), ("seed", 1), ("optout", 3), ("strangers", 2)):
        ap.add_argument("--" + name, type=int, default=default)
    o = ap.parse_args()
    rng = random.Random(o.seed)
    os.makedirs(o.out, exist_ok=True)
    base = datetime.date(2021, 1, 1)
    patients, truth = [], []
    for i in range(o.patients):
        number = (i * 7919 + 13) % 9999991
        admitted = base + datetime.timedelta(days=rng.randrange(1200))
        born = admitted - datetime.timedelta(days=rng.randrange(365, 36000))
        age = admitted.year - born.year - ((admitted.month, admitted.day) < (born.month, born.day))
        sex = rng.choice("MV")
        p = {"nummer": number, "patientnr": spelled(rng, number), "bsn": bsn(rng), "voornaam": rng.choice(FIRST),
             "achternaam": rng.choice(LAST), "straat": "%s %d" % (rng.choice(STREETS), rng.randrange(1, 200)),
             "plaats": rng.choice(PLACES), "geboren": born.isoformat(), "geslacht": sex, "leeftijd": age,
             "aanhef": "De heer" if sex == "M" else "Mevrouw", "opname": admitted,
             "postcode": "%d %s%s" % (postcode(rng), rng.choice("ABEGHJKL"), rng.choice("BEGHJKLM"))}
        patients.append(p)
    with open(os.path.join(o.out, "patients.csv"), "w", newline="") as f:
        w = csv.writer(f, delimiter=";")
        w.writerow("patientnr bsn voornaam achternaam straat plaats geboortedatum postcode geslacht opnamedatum icd10 crp beroep".split())
        for p in patients:
            w.writerow([p["patientnr"], p["bsn"], p["voornaam"], p["achternaam"], p["straat"], p["plaats"],
                        datetime.date.fromisoformat(p["geboren"]).strftime("%d-%m-%Y"), p["postcode"], p["geslacht"],
                        p["opname"].strftime("%d-%m-%Y"), rng.choice(["J18.9", "J15", "J13"]), "%d,%d" % (rng.randrange(200), rng.randrange(10)),
                        rng.choice(["timmerman", "lerares", "", "gepensioneerd"])])
    strangers = [dict(patients[0], nummer=9999992 + i, patientnr=str(9999992 + i)) for i in range(o.strangers)]
    with open(os.path.join(o.out, "letters.jsonl"), "w") as f:
        for p in patients + strangers:
            dates = []
            for n in range(o.letters):
                day = p["opname"] + datetime.timedelta(days=7 * n)
                text, told = letter(rng, p, day)
                dates.append(told)
                key = p["nummer"] if rng.random() < 0.3 else spelled(rng, p["nummer"])
                f.write(json.dumps({"patientnr": key, "datum": day.isoformat(), "specialisme": rng.choice(["INT", "LON", "RAD"]),
                                    "tekst": text}, ensure_ascii=False) + "\n")
            p["brieven"] = dates
    serial = 0
    for p in patients + strangers:
        for n in range(o.scans):
            serial += 1
            folder = os.path.join(o.out, "dicom", "%03d" % (serial // 500))
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, "%06d.dcm" % serial), "wb") as f:
                f.write(dicom(p, spelled(rng, p["nummer"]), p["opname"], "1.2.826.0.1.3680043.10.1.%d" % (1000 + serial)))
    out = patients[len(patients) - o.optout:] if o.optout else []
    with open(o.out.rstrip("/") + ".optout.txt", "w") as f:
        for p in out:
            f.write(spelled(rng, p["nummer"]) + "\n")
    gone = {p["nummer"] for p in out}
    for p in patients:
        truth.append({k: (v.isoformat() if isinstance(v, datetime.date) else v) for k, v in p.items()} | {"uit": p["nummer"] in gone})
    with open(o.out.rstrip("/") + ".truth.json", "w") as f:
        json.dump(truth, f)


main()
