#!/usr/bin/python3
"""Scrubbed DICOM files read by other programs: pydicom, and dcmtk's dcmdump where it is installed.

    peer_dicom.py check ORIGINAL SCRUBBED     one pair; prints what is wrong, status 1
    peer_dicom.py all TOOL [FOLDER ...]       scrub every file below the folders (default: pydicom's own) with
                                              dicom_tool: each must be held with a reason, or pass the check

Status 77 where pydicom is missing. What is identifying is taken from the original here, without the scrubber's table.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings

try:
    import pydicom
    import pydicom.encaps
except ImportError:
    print("python3-pydicom is missing: skipped")
    sys.exit(77)

warnings.simplefilter("ignore")

# Values that follow a person, by keyword; person names and dates are taken by their VR.
IDENTIFYING = """PatientID OtherPatientIDs IssuerOfPatientID AccessionNumber InstitutionName InstitutionAddress
    InstitutionalDepartmentName StationName PatientAddress PatientTelephoneNumbers StudyID DeviceSerialNumber StudyDescription
    SeriesDescription ImageComments PatientComments AdditionalPatientHistory RequestedProcedureDescription MedicalRecordLocator
    MilitaryRank EthnicGroup Occupation PerformedProcedureStepID ScheduledProcedureStepID AdmissionID""".split()
DUMMIES = {"", "ANONYMIZED", "19000101", "000000", "19000101000000", "000Y"}
CLASS_WORDS = ("SOPClass", "TransferSyntax", "CodingScheme", "MappingResourceUID", "ContextUID", "SOPClassesSupported")
# What a scrubbed dataset says of itself.
OWN = {0x00120062, 0x00120063, 0x00120064, 0x00280303}


def walk(dataset, path=()):
    for element in dataset:
        here = path + (int(element.tag),)
        yield here, element
        if element.VR == "SQ":
            for number, item in enumerate(element.value or []):
                yield from walk(item, here + (number,))


def texts(element):
    """The element's values as strings."""
    value = element.value
    if element.VR == "SQ" or value is None or isinstance(value, (bytes, bytearray)):
        return []
    values = value if isinstance(value, (list, pydicom.multival.MultiValue)) else [value]
    return [str(v).strip(" \0") for v in values]


def planted(original):
    """Strings of the original that may stand nowhere in the scrubbed file."""
    found = set()
    for _, element in walk(original):
        for text in texts(element):
            if element.VR == "PN":
                found.add(text)
                found.update(p for p in re.split(r"[\^= ]", text) if len(p) > 4)
            elif element.VR in ("DA", "DT") or element.keyword in IDENTIFYING:
                found.add(text)
    # An institution named as the maker of its scanner, a study as the part of the body: kept there for what they are.
    kept = [str(original.get(keyword, "")) for keyword in ("Manufacturer", "PositionReferenceIndicator")]
    # Short ones occur by chance in numbers and codes.
    return {text for text in found if len(text) > 4 and text not in DUMMIES and not any(text in k for k in kept)}


def decoded(path, tool):
    """The pixel data as dcmtk decodes them."""
    with tempfile.TemporaryDirectory() as temporary:
        out = os.path.join(temporary, "plain.dcm")
        subprocess.run([tool, path, out], capture_output=True, check=True)
        return pydicom.dcmread(out).PixelData


def commentary(codestream):
    """Ranges of a JPEG 2000 codestream that are zeroed: comments of the main header, what follows the end; UUID boxes."""
    start, at, ranges = codestream.index(b"\xff\x4f\xff\x51"), 0, []
    while start > 0 and codestream[at + 4:at + 8] != b"jp2c":
        length = int.from_bytes(codestream[at:at + 4], "big")
        if codestream[at + 4:at + 8] == b"uuid":
            ranges.append(range(at + 8, at + length))
        at += length
    at = start + 2
    while codestream[at:at + 2] != b"\xff\x90":
        length = int.from_bytes(codestream[at + 2:at + 4], "big")
        if codestream[at:at + 2] == b"\xff\x64":
            ranges.append(range(at + 6, at + 2 + length))
        at += 2 + length
    end = codestream.rindex(b"\xff\xd9")
    return ranges + [range(end + 2, len(codestream))]


def pixels_wrong(original_path, original, scrubbed_path, scrubbed):
    """Pixel data are the same, or decode to the same with nothing overwritten but by zeros."""
    before, after = original.get("PixelData"), scrubbed.get("PixelData")
    if before == after:
        return []
    if before is None or after is None or len(before) != len(after) or \
            any(b not in (a, 0) for a, b in zip(before, after)):
        return ["pixel data differ"]
    syntax = scrubbed.file_meta.TransferSyntaxUID
    if syntax in ("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"):
        frames = list(zip(pydicom.encaps.generate_pixel_data_frame(before), pydicom.encaps.generate_pixel_data_frame(after)))
        for old, new in frames:
            free = commentary(old)
            if any(a != b and not any(at in r for r in free) for at, (a, b) in enumerate(zip(old, new))):
                return ["a codestream differs outside of its comments"]
            if any(new[at] for r in free for at in r):
                return ["a comment is left in a codestream"]
        return []
    tool = "dcmdjpls" if syntax in ("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81") else "dcmdjpeg"
    if shutil.which(tool) is not None and decoded(original_path, tool) != decoded(scrubbed_path, tool):
        return ["pixels decode to something else"]
    return []


def check(original_path, scrubbed_path, uids):
    """The list of what is wrong. uids: original UID to its replacement, over all files of a run."""
    wrong = []
    original = pydicom.dcmread(original_path, force=True)
    scrubbed = pydicom.dcmread(scrubbed_path)  # without force: it must be a Part 10 file
    before = {path: element for path, element in walk(original)}
    after = {path: element for path, element in walk(scrubbed)}
    names = planted(original)

    for path, element in after.items():
        where = "/".join("%08x" % p if p > 0xffff else str(p) for p in path)
        own = path[0] in OWN
        if element.tag.is_private:
            wrong.append(where + ": private")
        if element.VR in ("DA", "DT", "TM") and any(text not in DUMMIES for text in texts(element)):
            wrong.append(where + ": a date or time")
        if element.VR == "PN" and any(text not in DUMMIES for text in texts(element)):
            wrong.append(where + ": a person's name")
        for text in texts(element):
            if not own and element.VR != "UI" and any(name in text for name in names):
                wrong.append(where + ": an identifying value of the original")
        if path not in before and not own and element.tag != 0x00280303:
            wrong.append(where + ": not in the original")
        if element.VR != "UI" or path not in before:
            continue
        for old, new in zip(texts(before[path]), texts(element)):
            if any(word in element.keyword for word in CLASS_WORDS) or old.startswith("1.2.840.10008.1."):
                if old != new:
                    wrong.append(where + ": a class was replaced")
            elif old and not re.fullmatch(r"2\.25\.(0|[1-9]\d{0,38})", new):
                wrong.append(where + ": a UID was not replaced")
            elif old and uids.setdefault(old, new) != new:
                wrong.append(where + ": a UID was replaced by another than elsewhere")

    wrong += pixels_wrong(original_path, original, scrubbed_path, scrubbed)
    if scrubbed.file_meta.MediaStorageSOPInstanceUID != scrubbed.SOPInstanceUID:
        wrong.append("meta information names another instance")
    if scrubbed.file_meta.MediaStorageSOPClassUID != scrubbed.SOPClassUID:
        wrong.append("meta information names another class")
    if scrubbed.file_meta.TransferSyntaxUID != original.file_meta.TransferSyntaxUID:
        wrong.append("another transfer syntax")
    if not re.fullmatch(r"[a-z2-7]{26}|", str(scrubbed.get("PatientID", ""))):
        wrong.append("PatientID is no pseudonym")
    if scrubbed.get("PatientIdentityRemoved") != "YES":
        wrong.append("PatientIdentityRemoved is not YES")
    codes = [(c.CodeValue, c.CodingSchemeDesignator) for c in scrubbed.get("DeidentificationMethodCodeSequence", [])]
    if codes != [("113100", "DCM")]:
        wrong.append("no code for the method")
    if scrubbed.get("LongitudinalTemporalInformationModified") != "REMOVED":
        wrong.append("nothing said about dates")

    # Once more in the raw bytes, without the pixels: what pydicom passes over silently.
    with open(scrubbed_path, "rb") as file:
        data = file.read()
    pixels = scrubbed.get("PixelData")
    if pixels:
        data = data.replace(pixels, b"")
    for text in names | {u for u in uids if not u.startswith("1.2.840.10008.") and len(u) > 12}:
        if text.isascii() and text.encode() in data:
            wrong.append("raw bytes: an identifying value of the original")
    return wrong


def dcmdump(path):
    if shutil.which("dcmdump") is None:
        return []
    run = subprocess.run(["dcmdump", "-q", path], capture_output=True, check=False)
    errors = [l for l in run.stderr.decode("latin-1").splitlines() if l.startswith(("E:", "F:"))]
    return ["dcmdump: " + "; ".join(errors)] if run.returncode != 0 or errors else []


def run_all(tool, folders):
    folders = folders or [os.path.join(os.path.dirname(pydicom.__file__), "data")]
    passed, reasons, bad, uids = 0, {}, 0, {}
    paths = sorted(os.path.join(base, name) for folder in folders for base, _, names in os.walk(folder) for name in names)
    with tempfile.TemporaryDirectory() as temporary:
        out = os.path.join(temporary, "out.dcm")
        for path in paths:
            if not path.endswith((".dcm", "DICOMDIR")) and b"DICM" != open(path, "rb").read(132)[128:]:
                continue
            for options in (["--burned-in", "--subject"], ["--burned-in"]):
                with open(out, "wb") as file:
                    run = subprocess.run([tool] + options + [path], stdout=file, stderr=subprocess.PIPE, check=False)
                said = run.stderr.decode()
                if said != "held: subject-missing\n":
                    break
            if run.returncode == 3 and re.fullmatch(r"held: [a-z-]+\n", said) and os.path.getsize(out) == 0:
                reasons[said[6:-1]] = reasons.get(said[6:-1], 0) + 1
                continue
            wrong = ["status %d: %s" % (run.returncode, said)] if run.returncode != 0 else []
            # A check that finds nothing wrong with the original itself would be worth nothing.
            wrong = wrong or check(path, out, uids) + dcmdump(out) + ([] if check(path, path, {}) else ["blind"])
            passed += not wrong
            bad += bool(wrong)
            for line in wrong[:5]:
                print("%s: %s" % (os.path.basename(path), line))
    print("%d scrubbed and read again, %d wrong; held: %s" % (
        passed, bad, ", ".join("%s %d" % (k, v) for k, v in sorted(reasons.items()))))
    return 1 if bad or not passed else 0


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "check":
        wrong = check(sys.argv[2], sys.argv[3], {}) + dcmdump(sys.argv[3])
        print("\n".join(wrong) or "good")
        return 1 if wrong else 0
    if len(sys.argv) >= 3 and sys.argv[1] == "all":
        return run_all(sys.argv[2], sys.argv[3:])
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main())
