#!/usr/bin/python3
"""Invented patients and their papers in the formats of health care and mail, for tests: usage: formats_make.py cda|fhir|mail FOLDER COUNT

FOLDER gets the data (patienten.csv, and cda/, fhir/ or mail/); FOLDER.gone.json a list of values that must be nowhere in what leaves,
FOLDER.kept.json one of those that must be there.
"""
import base64
import email.message
import email.policy
import email.utils
import json
import os
import random
import sys
from datetime import datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

FIRST = "Willemijn Joost Fenna Sjoerd Marijke Gijsbert Annelies Wouter Hilde Roelof Saskia Teun Dieuwke Jelmer Mirthe".split()
LAST = "Zwartewaal Oosterbaan Terpstra Kuipersma Veldhuijzen Brinkhorst Schuurhuis Wijnstra Haaksbergen Nijenrode".split()
STREETS = "Lindelaan Kerkstraat Molenweg Dorpsstraat Havenkade Beukenlaan".split()
PLACES = "Appelscha Zierikzee Winterswijk Oirschot Delfzijl Vlissingen".split()
DRUGS = "metoprolol omeprazol amoxicilline paracetamol furosemide".split()


def bsn(rng):
    while True:
        d = [rng.randrange(1, 10)] + [rng.randrange(10) for _ in range(7)]
        last = sum((9 - i) * x for i, x in enumerate(d)) % 11
        if last < 10:
            return "".join(map(str, d)) + str(last)


class Person:
    def __init__(self, rng, number):
        self.number = f"{number:07d}"
        self.first, self.last = rng.choice(FIRST), rng.choice(LAST)
        self.bsn = bsn(rng)
        self.street, self.house = rng.choice(STREETS), rng.randrange(1, 200)
        self.postcode = f"{rng.randrange(1000, 9999)} {rng.choice('ABDEGH')}{rng.choice('ABDEGH')}"
        self.place = rng.choice(PLACES)
        self.birth = datetime(rng.randrange(1930, 2010), rng.randrange(1, 13), rng.randrange(1, 29))
        self.sex = rng.choice("MV")
        self.phone = f"06-{rng.randrange(10000000, 99999999)}"
        self.mail = f"{self.first.lower()}.{self.last.lower()}@voorbeeldmail.nl"
        self.visit = datetime(2024, rng.randrange(1, 13), rng.randrange(1, 29), 14, 30)

    def gone(self):
        return [self.first, self.last, self.bsn, self.street, self.postcode, self.phone.replace("-", ""), self.phone, self.mail,
                self.birth.strftime("%Y%m%d"), self.birth.strftime("%d-%m-%Y"), self.birth.strftime("%Y-%m-%d")]


def table(people, path):
    with open(path, "w", encoding="utf-8") as f:
        f.write("patientnr;bsn;voornaam;achternaam;straat;postcode;plaats;geboortedatum;geslacht\n")
        for p in people:
            f.write(f"{p.number};{p.bsn};{p.first};{p.last};{p.street} {p.house};{p.postcode};{p.place};{p.birth:%d-%m-%Y};{p.sex}\n")


def cda(p, doctor, i, rng):
    """One discharge letter. Every fourth has a prefix on each element, every fifth is in ISO 8859-1."""
    day = p.visit
    encoding = "ISO-8859-1" if i % 5 == 4 else "UTF-8"
    text = f"""<?xml version="1.0" encoding="{encoding}"?>
<?xml-stylesheet type="text/xsl" href="CDA.xsl"?>
<!-- gemaakt voor {p.first} {p.last} -->
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:schemaLocation="urn:hl7-org:v3 CDA.xsd" classCode="DOCCLIN" moodCode="EVN">
  <realmCode code="NL"/>
  <typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
  <templateId root="2.16.840.1.113883.2.4.3.11.60.66.10.1" extension="2018-05-01"/>
  <id root="2.16.528.1.1007.3.3.1234567.9" extension="BRIEF-{p.number}-{i}"/>
  <code code="34105-7" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC" displayName="Discharge summary"/>
  <title>Ontslagbrief</title>
  <effectiveTime value="{day:%Y%m%d%H%M%S}+0100"/>
  <confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/>
  <languageCode code="nl-NL"/>
  <recordTarget typeCode="RCT" contextControlCode="OP">
    <patientRole classCode="PAT">
      <id root="2.16.840.1.113883.2.4.6.3" extension="{p.bsn}"/>
      <id root="2.16.528.1.1007.3.3.1234567.1" extension="{p.number.lstrip('0') if i % 2 else p.number}"/>
      <addr use="HP"><streetName>{p.street}</streetName><houseNumber>{p.house}</houseNumber><postalCode>{p.postcode}</postalCode><city>{p.place}</city></addr>
      <telecom use="MC" value="tel:{p.phone}"/>
      <telecom value="mailto:{p.mail}"/>
      <patient>
        <name use="L"><given qualifier="CL">{p.first}</given><family qualifier="BR">{p.last}</family></name>
        <administrativeGenderCode code="{'M' if p.sex == 'M' else 'F'}" codeSystem="2.16.840.1.113883.5.1"/>
        <birthTime value="{p.birth:%Y%m%d}"/>
        <sdtc:deceasedInd value="false"/>
      </patient>
      <providerOrganization><id root="2.16.528.1.1007.3.3" extension="01234567"/><name>Streekziekenhuis Waterdam</name></providerOrganization>
    </patientRole>
  </recordTarget>
  <author>
    <time value="{day:%Y%m%d%H%M}"/>
    <assignedAuthor><id root="2.16.528.1.1007.3.1" extension="01{rng.randrange(1000000, 9999999)}"/>
      <assignedPerson><name><prefix>dr.</prefix><given>{doctor.first}</given><family>{doctor.last}</family></name></assignedPerson>
    </assignedAuthor>
  </author>
  <custodian><assignedCustodian><representedCustodianOrganization><id root="2.16.528.1.1007.3.3" extension="01234567"/>
    <name>Streekziekenhuis Waterdam</name><telecom value="tel:{doctor.phone}"/></representedCustodianOrganization></assignedCustodian></custodian>
  <participant typeCode="IND"><associatedEntity classCode="ECON"><telecom value="tel:{doctor.phone}"/><associatedPerson>
    <name><given>{doctor.first}</given><family>{doctor.last}</family></name></associatedPerson></associatedEntity></participant>
  <componentOf><encompassingEncounter><id extension="OPN-{rng.randrange(10**6)}" root="2.16.528.1.1007.3.3.1234567.3"/>
    <effectiveTime><low value="{day - timedelta(days=3):%Y%m%d}"/><high value="{day:%Y%m%d}"/></effectiveTime></encompassingEncounter></componentOf>
  <component typeCode="COMP"><structuredBody>
    <component><section>
      <templateId root="2.16.840.1.113883.2.4.3.11.60.66.10.20"/>
      <code code="10164-2" codeSystem="2.16.840.1.113883.6.1" displayName="Anamnese"/>
      <title>Anamnese</title>
      <text>
        <paragraph ID="p1">Mevrouw <content styleCode="Bold">{p.first}</content> <content styleCode="Bold">{p.last}</content> (geb. {p.birth:%d-%m-%Y}) werd gezien
          op {day:%d-%m-%Y}. BSN: <content>{p.bsn}</content>. Zij woont aan de {p.street} {p.house}, <!-- nu nog -->{p.postcode} {p.place}.</paragraph>
        <paragraph>Te bereiken op {p.phone} of {escape(p.mail)}; temperatuur &lt; 38,5 &#176;C &amp; stabiel. <![CDATA[Zoon <Jan> belt 06-12345678.]]></paragraph>
        <list listType="unordered"><item>Medicatie: {DRUGS[i % 5]}<sup>1</sup></item><item>Pati{'ë'}nte spreekt Nederlands</item></list>
        <table border="1"><thead><tr><th>Naam</th><th>BSN</th><th>Telefoon</th></tr></thead>
          <tbody><tr><td colspan="1">{p.first} {p.last}</td><td>{p.bsn}</td><td>{p.phone}</td></tr></tbody></table>
        <paragraph>Met vriendelijke groet, dr. {doctor.first} {doctor.last}</paragraph>
      </text>
      <entry typeCode="DRIV"><observation classCode="OBS" moodCode="EVN">
        <id root="2.16.528.1.1007.3.3.1234567.5" extension="{rng.randrange(10**9)}"/>
        <code code="8310-5" codeSystem="2.16.840.1.113883.6.1" displayName="Body temperature"><originalText><reference value="#p1"/></originalText></code>
        <statusCode code="completed"/><effectiveTime value="{day:%Y%m%d}"/>
        <value xsi:type="PQ" value="37.{i % 10}" unit="Cel"/>
        <performer><assignedEntity><id nullFlavor="NI"/><assignedPerson><name>{doctor.first} {doctor.last}</name></assignedPerson></assignedEntity></performer>
        <participant typeCode="CSM"><participantRole><playingEntity><name>{doctor.last}</name></playingEntity></participantRole></participant>
      </observation></entry>
    </section></component>
  </structuredBody></component>
</ClinicalDocument>
"""
    if i % 4 == 3:
        for name in sorted(set(__import__("re").findall(r"<([A-Za-z]+)", text))):
            if name != "Jan":
                text = text.replace(f"<{name}>", f"<h:{name}>").replace(f"<{name} ", f"<h:{name} ").replace(f"</{name}>", f"</h:{name}>") \
                    .replace(f"<{name}/>", f"<h:{name}/>")
        text = text.replace('xmlns="urn:hl7-org:v3"', 'xmlns:h="urn:hl7-org:v3"')
    return text.encode(encoding.lower(), "xmlcharrefreplace")


def make_cda(people, folder, rng):
    os.makedirs(os.path.join(folder, "cda", "2024"))
    doctors = [Person(rng, 9000000 + i) for i in range(5)]
    for i, p in enumerate(people):
        with open(os.path.join(folder, "cda", "2024", f"brief{i:04d}.xml"), "wb") as f:
            f.write(cda(p, doctors[i % 5], i, rng))
    gone = [v for p in people for v in p.gone()] + [v for d in doctors for v in (d.last, d.phone)]
    return gone + ["12345678", "Waterdam", "01234567"], ["Ontslagbrief", "metoprolol", "Body temperature", "stabiel", "Nederlands", "37.1"]


def make_mail(people, folder, rng):
    """To one's doctor: in turn as text, as HTML, as both with a picture, and with a letter attached."""
    os.makedirs(os.path.join(folder, "mail"))
    doctor = Person(rng, 9000000)
    for i, p in enumerate(people):
        text = (f"Geachte dokter {doctor.last},\n\nOp {p.visit:%d-%m-%Y} was ik, {p.first} {p.last}, bij u. Mijn BSN is {p.bsn}; ik woon aan de\n"
                f"{p.street} {p.house}, {p.postcode} {p.place}, en ben te bereiken op {p.phone} of {p.mail}.\nDe koorts is weg, één vraag is er nog: "
                f"mag ik stoppen met {DRUGS[i % 5]}?\n\nMet vriendelijke groet,\n{p.first} {p.last}\n")
        m = email.message.EmailMessage(policy=email.policy.SMTP)
        m["From"] = email.utils.formataddr((f"{p.last}, {p.first}", p.mail))
        m["To"] = f"{doctor.first} {doctor.last} <{doctor.mail}>"
        m["Subject"] = f"Vraag van {p.first} {p.last} over één medicijn"
        m["Date"] = p.visit
        m["Message-ID"] = f"<{i}.{p.last}@voorbeeldmail.nl>"
        m["Received"] = f"from {p.last.lower()} (1.2.3.4) by mx.voorbeeldmail.nl"
        html = "<html><body><p>" + escape(text).replace("é", "&eacute;").replace("\n", "<br>\n") + f"</p><!-- {p.last} --></body></html>"
        if i % 4 == 1:
            m.set_content(html, subtype="html", charset="iso-8859-1", cte="quoted-printable")
        else:
            m.set_content(text, charset="iso-8859-15" if i % 3 else "utf-8", cte="base64" if i % 2 else "quoted-printable")
        if i % 4 == 2:
            m.add_alternative(html, subtype="html")
            m.get_payload()[1].add_related(bytes(100), "image", "png", cid=f"<{p.last}>")
        if i % 4 == 3:
            m.add_attachment(f"Brief over {p.last}".encode() * 50, "application", "pdf", filename=f"{p.last}.pdf")
        with open(os.path.join(folder, "mail", f"{p.number}_{i}.eml"), "wb") as f:
            f.write(m.as_bytes())
    gone = [v for p in people for v in p.gone()] + [doctor.last, doctor.mail, "voorbeeldmail", "1.2.3.4"]
    return gone, ["De koorts is weg, één vraag", "metoprolol", "over één medicijn"]


def resources(p, doctor, i, rng):
    """One patient's resources, nl-core in form."""
    who = {"reference": ("Patient/", "https://fhir.waterdam.example/r4/Patient/", "Patient/")[i % 3] + p.number + ("/_history/2" if i % 3 == 2 else ""),
           "type": "Patient", "display": f"{p.first} {p.last}"}
    name = {"use": "official", "text": f"{p.first} {p.last}", "family": p.last, "given": [p.first]}
    div = {"status": "generated", "div": f"<div xmlns=\"http://www.w3.org/1999/xhtml\">{p.first} {p.last}, {p.bsn}</div>"}
    loinc = {"coding": [{"system": "http://loinc.org", "code": "8310-5", "display": "Lichaamstemperatuur"}], "text": "Temperatuur"}
    day = f"{p.visit:%Y-%m-%dT%H:%M:%S}+01:00"
    letter = base64.b64encode(f"Brief over {p.first} {p.last}, BSN {p.bsn}".encode()).decode()
    encounter = {"reference": f"Encounter/enc-{p.number}", "display": f"Opname van {p.last}"}
    yield {"resourceType": "Patient", "id": p.number, "meta": {"profile": ["http://fhir.nl/fhir/StructureDefinition/nl-core-patient"]}, "text": div,
           "identifier": [{"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": p.bsn}], "active": True, "name": [name],
           "telecom": [{"system": "phone", "value": p.phone}, {"system": "email", "value": p.mail}], "gender": "male" if p.sex == "M" else "female",
           "birthDate": f"{p.birth:%Y-%m-%d}", "address": [{"line": [f"{p.street} {p.house}"], "city": p.place, "postalCode": p.postcode, "country": "NL"}],
           "generalPractitioner": [{"display": f"dr. {doctor.last}"}]}
    yield {"resourceType": "Encounter", "id": f"enc-{p.number}", "status": "finished",
           "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP", "display": "inpatient"}, "subject": who,
           "participant": [{"individual": {"display": f"{doctor.first} {doctor.last}"}}], "period": {"start": day, "end": f"{p.visit:%Y-%m-%d}"},
           "serviceProvider": {"display": "Ziekenhuis Waterdam"}}
    yield {"resourceType": "Observation", "id": f"obs-{p.number}", "text": div, "status": "final", "code": loinc, "subject": who, "encounter": encounter,
           "effectiveDateTime": day, "performer": [{"reference": "Practitioner/1", "display": f"{doctor.first} {doctor.last}"}],
           "valueQuantity": {"value": 37.0 + i % 10 / 10, "unit": "Cel", "system": "http://unitsofmeasure.org", "code": "Cel"},
           "note": [{"authorString": doctor.last, "text": f"Gemeten bij {p.first} {p.last} op {p.visit:%d-%m-%Y}; bel {p.phone}. Vrij van koorts."}]}
    yield {"resourceType": "Condition", "id": f"con-{p.number}", "clinicalStatus": {"coding": [{"code": "active"}]},
           "code": {"coding": [{"system": "http://snomed.info/sct", "code": "386661006", "display": "Koorts"}], "text": f"Koorts bij {p.last}"},
           "subject": who, "encounter": encounter, "onsetDateTime": f"{p.visit:%Y-%m-%d}", "recorder": {"display": doctor.last}}
    yield {"resourceType": "DocumentReference", "id": f"doc-{p.number}", "status": "current", "subject": who, "date": day,
           "author": [{"display": doctor.last}], "description": f"Ontslagbrief van {p.first} {p.last}",
           "content": [{"attachment": {"contentType": "text/plain", "data": letter, "title": f"{p.last}.txt"}}]}


def make_fhir(people, folder, rng):
    """A bulk export, its table, a Bundle of each person, and one of every five people."""
    for sub in "fhir", "bundles", "searchsets":
        os.makedirs(os.path.join(folder, sub))

    def bundle(path, entries):
        with open(os.path.join(folder, path), "w", encoding="utf-8") as f:
            json.dump({"resourceType": "Bundle", "type": "searchset", "total": len(entries), "link": [{"relation": "self", "url": "https://x"}],
                       "entry": entries}, f, indent=2)
    doctor, entries = Person(rng, 9000000), []
    files = {}
    for i, p in enumerate(people):
        mine = len(entries)
        for r in resources(p, doctor, i, rng):
            kind = r["resourceType"]
            if kind not in files:
                files[kind] = open(os.path.join(folder, "fhir", kind + ".ndjson"), "w", encoding="utf-8")
            files[kind].write(json.dumps(r, ensure_ascii=i % 2 == 0) + "\n")
            if kind != "DocumentReference":
                entries.append({"fullUrl": f"https://fhir.waterdam.example/r4/{kind}/{r['id']}", "resource": r, "search": {"mode": "match"}})
        bundle(f"bundles/{i:04d}.json", entries[mine:] if i % 2 == 0 else entries[mine:][::-1])
        if i % 5 == 4:
            bundle(f"searchsets/{i:04d}.json", entries)
            entries = []
    for f in files.values():
        f.close()
    gone = [v for p in people for v in p.gone()] + [doctor.last, doctor.first + " " + doctor.last, "Waterdam", "waterdam"]
    return gone + [p.number for p in people], ["Vrij van koorts", "Lichaamstemperatuur", "Ontslagbrief van", "386661006", "37.1"]


def main():
    what, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    rng = random.Random(f"{what} {count}")
    os.makedirs(folder)
    people = [Person(rng, rng.randrange(1, 9000000)) for _ in range(count)]
    table(people, os.path.join(folder, "patienten.csv"))
    gone, kept = {"cda": make_cda, "fhir": make_fhir, "mail": make_mail}[what](people, folder, rng)
    with open(folder + ".gone.json", "w") as f:
        json.dump(sorted(set(gone)), f)
    with open(folder + ".kept.json", "w") as f:
        json.dump(kept, f)


if __name__ == "__main__":
    main()
