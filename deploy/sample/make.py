#!/usr/bin/env python3
"""Make the sample dataset: invented people in every format that Stager takes.

usage: make.py FOLDER        (deploy/sample/data is what `make.py deploy/sample/data` made)

Nobody in it exists. Names are drawn from short lists, BSNs stand in the range 9999xxxxx that is kept for tests, IBANs are of a bank
that there is not, telephone numbers and addresses are made up. The DICOM files are written by dcmtk's dump2dcm.
"""
import csv
import io
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile

rng = random.Random(20261121)
FIRST = "Anneloes Bram Carlijn Daan Elske Fedde Guusje Hidde Ilse Joost Katinka Lieuwe Marieke Niels Oda Pim".split()
LAST = ["Aardenburg", "van den Bosvelde", "Cramwinckel", "de Duinker", "Eikenhorst", "van Fokkinga", "Grondsma", "Hazelaar",
        "IJzendoorn", "Jutphaas", "ter Kwakkel", "Lindeboom"]
STREETS = ["Lindelaan", "Kerkstraat", "Molenweg", "Oude Gracht", "Stationsplein", "Wilgenhof"]
PLACES = ["Zandvelde", "Oosterwoude", "Nieuw-Kerkum", "Waterdam"]
DIAGNOSES = ["J18.9", "J15.1", "J44.1", "I50.0", "A41.9"]


def bsn():
    while True:
        digits = [9, 9, 9, 9] + [rng.randrange(10) for _ in range(4)]
        check = sum(d * w for d, w in zip(digits, range(9, 1, -1))) % 11
        if check < 10:
            return "".join(map(str, digits)) + str(check)


def iban():
    account = "%010d" % rng.randrange(10**10)
    number = int("".join(str(int(c, 36)) for c in "STGR" + account + "NL00"))
    return "NL%02dSTGR%s" % (98 - number % 97, account)


class Person:
    def __init__(self, number):
        self.number = number
        self.first, self.last = rng.choice(FIRST), rng.choice(LAST)
        self.bsn, self.iban = bsn(), iban()
        self.birth = (rng.randrange(1932, 2006), rng.randrange(1, 13), rng.randrange(1, 29))
        self.sex = rng.choice("MV")
        self.street = "%s %d" % (rng.choice(STREETS), rng.randrange(1, 180))
        self.postcode = "%d %s%s" % (rng.randrange(1000, 9999), rng.choice("ABCDEGHJKLMNPRTVWXZ"), rng.choice("BCEGHJKLMNPRTVWXZ"))
        self.place = rng.choice(PLACES)
        self.phone = "06-%08d" % rng.randrange(10**7, 10**8)
        self.mail = "%s.%s@voorbeeld.example" % (self.first.lower(), self.last.split()[-1].lower())
        self.admitted = (2025, rng.randrange(1, 13), rng.randrange(1, 29))

    def letter(self):
        y, m, d = self.admitted
        return rng.choice([
            "Patiënt werd op {d}-{m}-{y} opgenomen met koorts en hoesten. BSN {bsn}. Contact met de huisarts via {mail}; thuis "
            "bereikbaar op {phone}. Beloop: dosering 1500 mg amoxicilline per dag, goed herstel. Adres: {street}, {postcode} {place}.",
            "Op de polikliniek gezien ({y}-{m:02d}-{d:02d}). Bloeddruk 145/90, crp 38. Declaratie naar {iban}. Mantelzorger belt op "
            "{phone}. Burgerservicenummer: {spaced}. Ziekte van Parkinson bekend sinds 2019.",
            "Ontslagbrief. Opname {d} maart {y}, thorax zonder afwijkingen. Post naar {street}, {postcode} {place} of per mail aan "
            "{mail}. Controle over 6 weken, eerder bij temperatuur boven 38,5.",
        ]).format(y=y, m=m, d=d, bsn=self.bsn, spaced=" ".join([self.bsn[:3], self.bsn[3:6], self.bsn[6:]]), mail=self.mail,
                  phone=self.phone, iban=self.iban, street=self.street, postcode=self.postcode, place=self.place)


def patients(people):
    out = io.StringIO()
    w = csv.writer(out, delimiter=";", lineterminator="\r\n")
    w.writerow(["patientnr", "bsn", "voornaam", "achternaam", "straat", "postcode", "plaats", "geboortedatum", "geslacht",
                "opnamedatum", "icd10", "crp", "opmerking"])
    for i, p in enumerate(people):
        # One row in the table is wrong on purpose: its value is no number, and it is held back.
        crp = "zie brief" if i == 17 else "%d,%d" % (rng.randrange(0, 400), rng.randrange(10))
        note = rng.choice(["", "", "belt liever: " + p.phone, 'noemt zich "%s"; mail %s' % (p.first, p.mail)])
        w.writerow([p.number, p.bsn, p.first, p.last, p.street, p.postcode, p.place, "%02d-%02d-%d" % p.birth[::-1], p.sex,
                    "%02d-%02d-%d" % p.admitted[::-1], rng.choice(DIAGNOSES), crp, note])
    return "\ufeff" + out.getvalue()


def dicom(path, p, series, instance):
    size = 64
    with tempfile.TemporaryDirectory() as folder:
        raw = os.path.join(folder, "pixels.raw")
        with open(raw, "wb") as f:
            for y in range(size):
                for x in range(size):
                    inside = (x - 32) ** 2 + (y - 32) ** 2 < (20 + instance) ** 2
                    f.write(struct.pack("<H", (1100 if inside else 200) + rng.randrange(40)))
        dump = os.path.join(folder, "dump.txt")
        tags = [("0008,0008", "CS", r"ORIGINAL\PRIMARY\AXIAL"), ("0008,0016", "UI", "1.2.840.10008.5.1.4.1.1.2"),
                ("0008,0018", "UI", "1.2.826.0.1.3680043.10.999.1.%d.%d" % (series, instance)),
                ("0008,0020", "DA", "%d%02d%02d" % p.admitted), ("0008,0030", "TM", "101500"), ("0008,0050", "SH", "ACC%s" % p.number),
                ("0008,0060", "CS", "CT"), ("0008,0080", "LO", "Ziekenhuis Waterdam"), ("0008,0090", "PN", "Hazelaar^G."),
                ("0008,1030", "LO", "CT thorax"), ("0008,1070", "PN", "Grondsma^L."),
                ("0010,0010", "PN", "%s^%s" % (p.last, p.first)), ("0010,0020", "LO", str(p.number)),
                ("0010,0030", "DA", "%d%02d%02d" % p.birth), ("0010,0040", "CS", "F" if p.sex == "V" else "M"),
                ("0010,1040", "LO", p.street), ("0010,2154", "SH", p.phone), ("0018,0060", "DS", "120"),
                ("0020,000d", "UI", "1.2.826.0.1.3680043.10.999.1.%d" % series),
                ("0020,000e", "UI", "1.2.826.0.1.3680043.10.999.1.%d.0" % series), ("0020,0011", "IS", "1"),
                ("0020,0013", "IS", str(instance)), ("0028,0002", "US", "1"), ("0028,0004", "CS", "MONOCHROME2"),
                ("0028,0010", "US", str(size)), ("0028,0011", "US", str(size)), ("0028,0100", "US", "16"), ("0028,0101", "US", "12"),
                ("0028,0102", "US", "11"), ("0028,0103", "US", "0"), ("0028,0301", "CS", "NO"), ("0028,1052", "DS", "-1024"),
                ("0028,1053", "DS", "1")]
        with open(dump, "w") as f:
            for tag, vr, value in tags:
                f.write("(%s) %s %s\n" % (tag, vr, "[%s]" % value if vr not in ("US",) else value))
            # A private block, as scanners write them, with the name in it once more.
            f.write("(0009,0010) LO [INVENTED SCANNER]\n(0009,1001) LO [%s %s]\n" % (p.first, p.last))
            f.write("(7fe0,0010) OW =%s\n" % raw)
        subprocess.run(["dump2dcm", "-q", "+te", dump, path], check=True)


def main(folder):
    shutil.rmtree(folder, ignore_errors=True)
    for sub in ("notes", "dicom"):
        os.makedirs(os.path.join(folder, sub))
    people = [Person(4000 + 37 * i) for i in range(40)]

    def write(name, text):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())

    write("patients.csv", patients(people))
    write("lab.tsv", "patientnr\tmoment\tbepaling\twaarde\n" + "".join(
        "%d\t%d-%02d-%02dT08:%02d:00\t%s\t%.1f\n" % (p.number, *p.admitted, rng.randrange(60), rng.choice(["CRP", "Hb", "Na"]),
                                                      rng.uniform(1, 180)) for p in people for _ in range(3)))
    write("letters.jsonl", "".join(json.dumps(
        {"patientnr": str(p.number), "datum": "%d-%02d-%02d" % p.admitted, "specialisme": rng.choice(["INT", "LON", "RAD"]),
         "afzender": {"naam": "dr. " + rng.choice(LAST), "mail": "poli@ziekenhuis.example"}, "tekst": p.letter(),
         "codes": [{"icd10": rng.choice(DIAGNOSES)}]}, ensure_ascii=False) + "\n" for p in people[:24]))
    for i, p in enumerate(people[:14]):
        write("notes/note-%02d-%s.txt" % (i + 1, p.last.split()[-1].lower()), p.letter() + "\n")
    for i, p in enumerate(people[:8]):
        dicom(os.path.join(folder, "dicom", "%s-%d.dcm" % (p.last.split()[-1].lower(), i + 1)), p, 10 + i // 2, i % 2 + 1)
    write("spectra.bin", struct.pack("<4096f", *(rng.gauss(0, 1) for _ in range(4096))))
    write("Thumbs.db", b"a thumbnail cache that nobody asked for")

    def fixed(name):
        info = zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
        return info

    with zipfile.ZipFile(os.path.join(folder, "survey.zip"), "w") as z:
        z.writestr(fixed("survey/answers.csv"), "respondent,score,toelichting\r\n" + "".join(
            '%d,%d,"%s"\r\n' % (p.number, rng.randrange(1, 6), rng.choice(["prima", "bel mij op " + p.phone, "geen, dank u"]))
            for p in people))
        z.writestr(fixed("survey/readme.txt"), "Vragenlijst, contact: onderzoek@voorbeeld.example of 030-1234567.\n")
    with tempfile.TemporaryDirectory() as tmp:
        tar = os.path.join(tmp, "old.tar")
        with tarfile.open(tar, "w", format=tarfile.PAX_FORMAT) as t:
            for i, p in enumerate(people[20:26]):
                data = p.letter().encode()
                info = tarfile.TarInfo("old/brief-%d.txt" % (i + 1))
                info.size, info.mtime = len(data), 1735689600
                t.addfile(info, io.BytesIO(data))
        subprocess.run(["zstd", "-q", "-19", "-f", tar, "-o", os.path.join(folder, "old-letters.tar.zst")], check=True)


if len(sys.argv) != 2:
    sys.exit(__doc__)
main(sys.argv[1])
