"""Bulk data about nobody, for measuring: python3 make_bulk.py KIND FOLDER MEGABYTES

KIND: csv (one table), lab (one table of 20 columns, the rows of a patient together), csv-part (tables of 64 MB), jsonl (one file of letters), events (one file of typed
records), text (letters in files of 64 KB), letters (one letter
a file), dicom (CT slices of 2 MB, explicit VR little endian, written by pydicom), opaque (files of 64 MB).
Blocks of some megabytes are made once and repeated: what is measured does not remember what it has seen.
"""
import json
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import make_letters  # noqa: E402

MB = 1000000


def fill(path, size, block, head=b""):
    """head, then block again and again, ended at a line's end past size."""
    with open(path, "wb") as f:
        done = f.write(head)
        while done < size:
            done += f.write(block)


def table():
    rng = random.Random(1)
    rows = []
    for i in range(60000):
        rows.append("%07d;%02d-%02d-%d;%s;%s;%d,%d;%04d %s%s;%s;%d\n" % (
            rng.randint(1, 9999999), rng.randint(1, 28), rng.randint(1, 12), rng.randint(1930, 2020), rng.choice("MV"),
            "%s%02d.%d" % (rng.choice("ABCIJKMN"), rng.randint(0, 99), rng.randint(0, 9)), rng.randint(0, 400), rng.randint(0, 9),
            rng.randint(1000, 9999), rng.choice("ABDE"), rng.choice("HJKLM"), rng.choice(["opname", "poli", "dagbehandeling"]),
            rng.randint(0, 100000)))
    return "".join(rows).encode()


LAB = ["patientnr", "naam", "geboortedatum", "geslacht", "postcode", "opnamedatum", "afdeling", "icd10", "zorgpad", "atc", "hb", "ht", "leuko", "trombo",
       "crp", "kreat", "gfr", "natrium", "kalium", "glucose"]


def lab():
    rng = random.Random(6)
    rows, number = [], 0
    while len(rows) < 60000:
        number = rng.randint(1, 9999999)
        who = "%07d;%s;%02d-%02d-%d;%s;%04d %s%s" % (
            number, rng.choice(["Jansen", "de Vries", "van den Berg", "Bakker"]), rng.randint(1, 28), rng.randint(1, 12),
            rng.randint(1930, 2020), rng.choice("MV"), rng.randint(1000, 9999), rng.choice("ABDE"), rng.choice("HJKLM"))
        for _ in range(rng.randint(1, 9)):
            rows.append("%s;%02d-%02d-%d;%s;%s%02d.%d;%s;%s%02d%s%s%02d;%d,%d;0,%02d;%d,%d;%d;%d;%d;%d;%d;%d,%d;%d,%d\n" % (
                who, rng.randint(1, 28), rng.randint(1, 12), rng.randint(2020, 2026), rng.choice(["INT", "LON", "CAR", "NEU"]),
                rng.choice("ABCIJKMN"), rng.randint(0, 99), rng.randint(0, 9), rng.choice(["regulier", "spoed", "chronisch"]),
                rng.choice("ABCJN"), rng.randint(1, 16), rng.choice("ABC"), rng.choice("ABCX"), rng.randint(1, 60),
                rng.randint(5, 11), rng.randint(0, 9), rng.randint(25, 52), rng.randint(3, 18), rng.randint(0, 9), rng.randint(80, 500),
                rng.randint(0, 300), rng.randint(40, 400), rng.randint(10, 90), rng.randint(128, 150), rng.randint(3, 5),
                rng.randint(0, 9), rng.randint(3, 20), rng.randint(0, 9)))
    return "".join(rows).encode()


HEAD = b"patientnr;geboortedatum;geslacht;icd10;crp;postcode;soort;volgnr\n"


def letters(count):
    rng = random.Random(2)
    return [make_letters.letter(rng) for _ in range(count)]


def letter_text(letter):
    return letter if isinstance(letter, str) else "\n".join(letter)


def dicom(folder, size):
    import numpy
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid
    rng = numpy.random.default_rng(3)
    pixels = [rng.integers(0, 4096, (1024, 1024), dtype=numpy.uint16).tobytes() for _ in range(4)]
    for i in range(size // (2 * 1024 * 1024) + 1):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
        meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["i%d" % i])
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        path = os.path.join(folder, "%05d.dcm" % i)
        d = FileDataset(path, {}, file_meta=meta, preamble=b"\0" * 128)
        d.is_little_endian, d.is_implicit_VR = True, False
        d.SOPClassUID, d.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
        d.StudyInstanceUID, d.SeriesInstanceUID = generate_uid(entropy_srcs=["s"]), generate_uid(entropy_srcs=["t%d" % (i // 100)])
        d.Modality, d.PatientName, d.PatientID = "CT", "Zonnebloem^Nep^%d" % i, "%07d" % (i // 100)
        d.PatientBirthDate, d.PatientSex, d.StudyDate = "19500101", "F", "20260102"
        d.InstitutionName, d.ReferringPhysicianName = "Ziekenhuis Waterdam", "Arts^Nep"
        d.Rows = d.Columns = 1024
        d.BitsAllocated = d.BitsStored = 16
        d.HighBit, d.PixelRepresentation, d.SamplesPerPixel = 15, 0, 1
        d.PhotometricInterpretation, d.InstanceNumber = "MONOCHROME2", str(i)
        d.BurnedInAnnotation = "NO"
        d.PixelData = pixels[i % 4]
        d["PixelData"].VR = "OW"
        d.save_as(path, write_like_original=False)


def make(kind, folder, megabytes):
    size = megabytes * MB
    os.makedirs(folder, exist_ok=True)
    if kind == "csv":
        fill(os.path.join(folder, "table.csv"), size, table(), HEAD)
    elif kind == "lab":
        fill(os.path.join(folder, "lab.table"), size, lab(), ";".join(LAB).encode() + b"\n")
    elif kind == "csv-part":
        for i in range((megabytes + 63) // 64):
            fill(os.path.join(folder, "part-%04d.csv" % i), min(64 * MB, size - i * 64 * MB), table(), HEAD)
    elif kind == "jsonl":
        rng = random.Random(4)
        lines = [json.dumps({"patientnr": "%07d" % rng.randint(1, 9999999), "datum": "2026-03-%02d" % rng.randint(1, 28),
                             "tekst": letter_text(x)}, ensure_ascii=False) + "\n" for x in letters(3000)]
        fill(os.path.join(folder, "letters.jsonl"), size, "".join(lines).encode())
    elif kind == "events":
        rows = lab().decode().splitlines()
        lines = [json.dumps({"patient": {"nr": r[0], "geslacht": r[3], "postcode": r[4]}, "datum": r[5], "afdeling": r[6],
                             "codes": [r[7], r[9]], "uitslag": {"hb": float(r[10].replace(",", ".")), "trombo": int(r[13]), "crp": int(r[14]),
                                                                "natrium": int(r[17])}}) + "\n" for r in (x.split(";") for x in rows)]
        fill(os.path.join(folder, "events.ndjson"), size, "".join(lines).encode())
    elif kind in ("text", "letters"):
        pool = [letter_text(x).encode() for x in letters(3000)]
        done = number = at = 0
        while done < size:
            piece = pool[at % 3000]
            at += 1
            while kind == "text" and len(piece) < 65536:
                piece += b"\n" + pool[at % 3000]
                at += 1
            if number % 1000 == 0:
                os.makedirs(os.path.join(folder, "%04d" % (number // 1000)), exist_ok=True)
            with open(os.path.join(folder, "%04d" % (number // 1000), "%03d.txt" % (number % 1000)), "wb") as f:
                done += f.write(piece)
            number += 1
    elif kind == "dicom":
        dicom(folder, size)
    elif kind == "opaque":
        block = random.Random(5).randbytes(8 * MB)
        for i in range((megabytes + 63) // 64):
            fill(os.path.join(folder, "data-%04d.bin" % i), min(64 * MB, size - i * 64 * MB), block)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    make(sys.argv[1], sys.argv[2], int(sys.argv[3]))
