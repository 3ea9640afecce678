#!/usr/bin/env python3
"""Make dicom_table.c from two tables of the DICOM standard; run by hand when a new edition is taken.

    make_dicom_table.py attributes.tsv confidentiality_profile.tsv > dicom_table.c

attributes.tsv (PS3.6, the data dictionary), tab-separated: tag "(gggg,eeee)", VR ("US or SS" where it depends), VM,
retired Y/N, keyword. confidentiality_profile.tsv (PS3.15 Table E.1-1): tag, name, in a standard IOD Y/N, Basic Profile
action; further columns are not read. Lines that begin with # are comments; a line that does not begin with a tag goes on
with the one before. Both were written from the JSON of github.com/innolitics/dicom-standard (MIT licence).

What becomes of each attribute (include/stager/dicom_table.h) is decided here, once:

- Table E.1-1 where it names the attribute. Combined codes hang on the attribute's type in the IOD, which is not looked
  up; the strictest action that is valid for every type is taken: X/Z > zero length; Z/D, X/D, X/Z/D > dummy;
  X/Z/U* > the references stay, every UID in them replaced.
- Attributes that the table does not name stay, but for those that can hardly be anything else than identifying:
  person names > zero length; dates and times > removed; UIDs > replaced unless they name a class, a transfer syntax or
  a coding resource; URLs and retired free text > removed; free text of content items and annotations > dummy; hanging
  protocols' selectors, which repeat the value of any attribute, > removed; encrypted content, signatures, lengths that
  no longer hold, and the few of the set IDENTIFYING > removed.
- Repeating groups (50xx curves, 60xx overlays and the retired ones) are not in the table: what is not there is removed.
  Nor are groups 0000, 0002, 0004, FFFE: they are not part of a data set.
"""
import re
import sys

TAG = re.compile(r"^\(([0-9A-FX]{4}),([0-9A-FX]{4})\)")
VRS = {"OB or OW": "OB_OW", "US or SS": "US_SS", "US or OW": "US_OW", "US or SS or OW": "US_SS_OW"}
PLAIN = set("AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV".split())
ACTIONS = {"X": "REMOVE", "Z": "ZERO", "D": "DUMMY", "U": "UID", "X/Z": "ZERO", "Z/D": "DUMMY", "X/D": "DUMMY",
           "X/Z/D": "DUMMY", "X/Z/U*": "KEEP"}
# UI attributes outside Table E.1-1 that name things of the standard or of a coding scheme, never an instance.
CLASS_UIDS = {
    "SOPClassUID", "RelatedGeneralSOPClassUID", "OriginalSpecializedSOPClassUID", "SOPClassesInStudy",
    "CodingSchemeUID", "ContextUID", "MappingResourceUID", "StoredInstanceTransferSyntaxUID",
    "ReferencedSOPClassUID", "SOPClassesSupported", "AvailableTransferSyntaxUID", "FlowTransferSyntaxUID",
    "MACCalculationTransferSyntaxUID", "EncryptedContentTransferSyntaxUID", "PertinentSOPClassesInStudy",
    "PertinentSOPClassesInSeries"}
CODING_URLS = {"CodingSchemeURL", "URNCodeValue"}
FREE_TEXT = {"TextValue", "UnformattedTextValue"}
# What rewriting makes wrong, and what can hide anything.
STALE = {"LengthToEnd", "EncryptedAttributesSequence", "EncryptedContent", "MACParametersSequence", "Signature"}
# Identifying by name, though Table E.1-1 does not list them.
IDENTIFYING = {
    "PatientBirthDateInAlternativeCalendar", "PatientDeathDateInAlternativeCalendar", "ContactDisplayName",
    "IssuerOfPatientIDQualifiersSequence", "BreedRegistrationNumber", "HL7InstanceIdentifier", "NTPSourceAddress"}
TEXT = {"LO", "LT", "SH", "ST", "UC", "UT"}


def read(path):
    lines = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.rstrip("\n")
            if line.startswith("#"):
                continue
            if TAG.match(line):
                lines.append(line)
            else:
                lines[-1] += line
    return [line.split("\t") for line in lines]


def action_outside_profile(group, vr, retired, keyword):
    if group == 0x0072 or keyword in STALE | IDENTIFYING or retired == "Y" and vr in TEXT:
        return "REMOVE"
    if vr == "PN":
        return "ZERO"
    if vr in ("DA", "DT", "TM"):
        return "REMOVE"
    if vr == "UI" and keyword not in CLASS_UIDS:
        return "UID"
    if vr == "UR" and keyword not in CODING_URLS or keyword.endswith(("URL", "URI")) and vr != "UR":
        return "REMOVE"
    if keyword in FREE_TEXT:
        return "DUMMY"
    return "KEEP"


def vm_max(vm):
    last = vm.split("-")[-1]
    return int(last) if last.isdigit() and int(last) < 256 else 0


def main():
    attributes, profile = read(sys.argv[1]), read(sys.argv[2])
    actions = {row[0]: ACTIONS[row[3]] for row in profile}
    used, rows = set(), []
    for row in attributes:
        tag, vr, vm, keyword = row[0], row[1], row[2], row[4]
        group, element = TAG.match(tag).groups()
        if "X" in group + element or not keyword or group in ("0000", "0002", "0004", "FFFE"):
            continue
        name = VRS.get(vr, vr)
        assert vr in VRS or vr in PLAIN, row
        assert re.fullmatch("[A-Za-z0-9]{1,64}", keyword), row
        action = actions.get(tag) or action_outside_profile(int(group, 16), vr, row[3], keyword)
        used.add(tag)
        rows.append((int(group + element, 16), name, vm_max(vm), action, keyword))
    left = sorted(set(actions) - used)
    # Only command elements, the file's own meta elements and the wildcard groups may be missing from the dictionary.
    assert all(re.match(r"\((0000|0002|0004|[56]0XX),", tag) for tag in left), left
    rows.sort()
    assert len({row[0] for row in rows}) == len(rows)
    print("/* Every attribute of the DICOM data dictionary (PS3.6), with what the Basic Profile makes of it. */")
    print("/*\n * Made by make_dicom_table.py, which says how; do not edit. The tables are facts of the DICOM"
          "\n * standard (PS3.6, PS3.15 Table E.1-1), read by way of github.com/innolitics/dicom-standard, commit"
          "\n * 7f4749d, January 2025, MIT licence.\n */")
    print('#include "stager/dicom_table.h"\n\n/* clang-format off */')
    print("#define A(tag, vr, max, action, keyword) {tag, VR_##vr, max, DICOM_##action, keyword},")
    print("const struct dicom_attribute dicom_table[] = {")
    for row in rows:
        print('A(0x%08X, %s, %d, %s, "%s")' % row)
    print("};\n/* clang-format on */\nconst size_t dicom_table_count = sizeof(dicom_table) / sizeof(dicom_table[0]);")


if __name__ == "__main__":
    main()
