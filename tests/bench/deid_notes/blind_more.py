"""The half `blind`: sentences that have somebody or something in them, and templates that did not fit elsewhere. See blind_notes.py."""
from lists import lines

# {N.*}, {K.*} and {L.*} are people whom the note does not speak of otherwise.
NAMED = {
    "gp_who": lines("""
Volgens <partner|moeder|collega> {N.first} snurkt {P.hij} hard.
Eerder gezien door waarnemer {N.last}.
Gaat {wd 0 14} op vakantie naar zee, wil daarvoor pillen.
Woont sinds {my 700} alleen, {K.kid} {K.first} helpt met de boodschappen.
Overleg met {N.dr} ({at hospitals}): {say gp}
Valt in voor {N.first}, klachten sinds {dm 20}.
Laatste controle {date 300 -60}, toen geen bijzonderheden.
Verwezen naar {at minds}, POH {N.first} volgt.
<Vr|Vrouw|Moeder> was {n 2 9} weken geleden bij {at care}.
Op {dm 30} gevallen bij de bushalte in {place}.
Recept gefaxt naar {at pharmacies}, {phone}.
Heeft een kind van {K:k.age} met ADHD.
"""),
    "letter_who": lines("""
Op {date 20} vond een familiegesprek plaats met {K.t} en {L.first}.
Consult geriatrie ({N.dr}): {say letter}
De ingreep werd op {dm 15} verricht door {N.dr} en {K.dr}.
In {my 2500} onderging {P.hij} in {at hospitals} een bypassoperatie.
Patiënt werd overgenomen uit {at hospitals} te {place}.
{P.T} is weduwe van {K:m.first} en woont in {at homes}.
{P.Hij} is gehuwd met {K.first}, heeft {n 2 4} kinderen en werkte bij {at firms}.
Vader overleed op {K:o.jarige} leeftijd aan een hartinfarct.
De kweek van {dm 9} toonde een MRSA, reden voor isolatie.
Voor vragen is de regieverpleegkundige, {N.full}, bereikbaar op {phone}.
Mevrouw {K:v.last}, maatschappelijk werker, regelt de nazorg vanuit {at homes}.
"""),
    "ward_who": lines("""
{N.first} van de fysio is geweest, {say ward}
{K.kid} {K.first} belde, komt {dm 0 5} langs met {L.first}.
I.o.m. {N.last} medicatie aangepast.
Bloed geprikt op verzoek van {N.dr}, uitslag volgt.
Dhr {N:m.last} van bed {n 1 4} was onrustig en riep steeds om {K:v.first}.
Graag {N.first} inseinen als de sonde eruit is.
Samen met {N.first} en lln {K.first} gedoucht.
Lab {dm 3}: {say gp}
Wil liever niet dat {K.first} komt.
Overplaatsing naar {at homes} gepland op {dm 0 6}, {N.first} regelt vervoer.
verteld over vroeger in {place}, had een zaak aan de {road}.
"""),
    "mind_who": lines("""
Contact met ex-partner {K.full} loopt via de advocaat.
Noemt {K.first} en {L.first} als steunende personen.
Eerdere behandeling bij {at minds} ({my 3000 -900} - {my 800}) door {N.name}.
Op {K:k.jarige} leeftijd uit huis geplaatst, pleegouders {N.last}.
Werkt twee ochtenden bij {at clubs}, begeleider is {N.first}.
Volgens {K.sib} {K.first} gaat het sinds {dm 60} bergafwaarts.
De psychiater, {N.dr}, stelt voor het lithium te verlagen.
Woont begeleid aan de {road}, vaste begeleidster {N:v.first}.
"""),
    "civil_who": lines("""
Uw gemachtigde, {N.t}, heeft op {date 30} een aanvullende brief gestuurd.
Op {wd 30 0} is telefonisch gesproken met {N.t} van {at firms}.
Uit de basisregistratie blijkt dat ook {K.full} op {street} staat ingeschreven.
De arts, {N.dr}, heeft op {date 40} medisch advies uitgebracht.
De bewindvoerder ({at guardians}) heeft op {dm 20} gereageerd.
De inspecteur bezocht {street} op {date 50} en trof daar {K.t} aan.
U kunt contact opnemen met {N.full}, {phone}, of {box}.
Belanghebbende is per {date 200} verhuisd van {place} naar {place}.
"""),
    "care_who": lines("""
Oma {K:v.first} springt bij op woensdag.
Jeugdverpleegkundige {N.full} sluit aan bij het volgende gesprek.
Op {dm 20} was er een incident met klasgenoot {K:k.first}.
Zus {K:v.first} ({K.years}) zit op {at colleges}.
Vader werkt bij {at firms} en komt om de week een weekend.
Stiefvader {K:m.last} zegt niet mee te willen werken.
De buurvrouw, {N:v.t}, maakt zich zorgen en belde {dm 10}.
Het gezin verbleef van {my 900 -400} tot {my 390} in de opvang in {place}.
Huisarts {N.last} is akkoord met verwijzing naar {at minds}.
Meester {N:m.first} ziet dat {P.hij} weinig aansluiting heeft.
"""),
    "talk_who": lines("""
Toen zei {K.first} tegen mij: je moet echt even bellen.
Mijn {K.kid} is nu {K:k.spelt}, dus die heeft er weinig van meegekregen.
We woonden toen nog in {place}, boven een winkel in de {road}.
Zo'n jonge dokter, {N.first} heette die geloof ik.
Ik ben geboren in {place}, op {K.born} als ik eerlijk moet zijn.
Bij {at firms} heb ik {n 8 30} jaar gewerkt, tot {my 2000}.
Mevrouw {N:v.last} van het wijkteam, die was wel aardig.
Dat was in {season}, toen {K.first} net weg was.
En {L.first}, mijn {L.sib}, die kwam dan met de trein uit {place}.
Nou, in {at hospitals} was het anders, daar namen ze de tijd.
"""),
    "desk_who": lines("""
Volgens {N.first} staat alles klaar.
{N.first} en {K.first} nemen de dienst van {dm 0 20} over.
Stuur het anders naar {N.work} of bel {mobile}.
Is {N.last} al terug van vakantie?
Kan iemand mw {K:v.last} terugbellen op {tel}?
De lunch met {at insurers} is verzet naar {wd 0 20}.
Bloemen voor {N.first} kunnen naar {street} in {place}.
Taart vanwege de geboorte van {K:b.first}, {K.kid} van {N.first}!
"""),
}

MORE = [
    ("triage", r"""
HAP {today} {clock} U{n 2 5}. Beller: {Q.first} ({Q.spouse}). Pt {P.full} {P.birth}, tel {tel}, adres {street} {place}, eigen HA {A.last}.
{say gp} {say gp_who} {say gp} Advies: {say gp}
"""),
    ("transfer", r"""
VERPLEEGKUNDIGE OVERDRACHT
Van: {at hospitals}   Naar: {at homes}
Cliënt: {P.whole} ({P.mv})   Geb.: {P.birth}   Verz.nr.: {dossier}
1e contact: {Q.full}, {Q.kid}, {tel}   2e contact: {R.name}, {tel}
ADL: {say ward}
Mobiliteit: {say ward} {say trap}
Wondzorg: {say ward} {say ward_who}
Ontslagdatum: {soon 4}. Ingevuld door {A.name}.
"""),
    ("care-plan", r"""
Zorgleefplan {P.t}, kamer {n 1 60}. Bijgesteld {date 30} door EVV'er {A.first}.
Doel 1: {say ward} Doel 2: {say ward}
Bijzonderheden: {say ward_who} {say care} {P.first} drinkt graag koffie met <buurvrouw|buurman> {B.last}. {say ward}
"""),
    ("vaccination", r"""
<GGD|Reizigerspoli> vaccinatiekaart
{P.full}  {P.birth}  <paspoort|ID-kaart> {passport}
DTP {date 3000}, hepatitis A {date 2000} en {my 1500}, buiktyfus {dm 30}. {say trap} {say gp} Geprikt door {A.code}.
"""),
    ("cardiology", r"""
{P.T}, {P.age}, bezocht op {today} het hartfalenspreekuur. {say letter} {say letter_who} {say letter} {say gp} {say letter} Verpleegkundig specialist {A.sign}
"""),
    ("oncology-board", r"""
Oncologisch MDO {at hospitals} {dm 6}. Voorzitter {A.dr}; {B.last}, {C.last}, {D.last}, casemanager {E.first}.
1) {P.rev} ({patient}), {P.jarige} {P.man}: {say letter} {say image}
2) {N.rev} ({patient}), {N.jarige} {N.man}: {say letter} {say letter}
3) {Q.rev}, {Q.birth}: {say image} {say letter} Besluit bespreken op {wd 0 9} door {C.last}.
"""),
    ("diabetes", r"""
DM-controle {date 10}, praktijkondersteuner {A.first}. {say gp} {say gp} {say gp} Voeten: Semmes-Weinstein-monofilament intact, Sims {n 0 2}. {say gp} {say gp_who}
"""),
    ("gp-short", r"""
<tc|bel|app> {Q.first}, <{Q.parent}|{Q.kid}>: {say gp} {say gp}
"""),
    ("gp-short", r"""
{say gp} {say gp_who} {say gp}
"""),
    ("ward-short", r"""
{clock} {say ward_who} {say ward} {say ward}
"""),
    ("ward-short", r"""
{say ward} {say ward} {say ward} {say ward}
"""),
    ("parking", r"""
Naheffingsaanslag parkeren, {at offices}
Kenteken {plate}, {road}, {place}, {date 20}, {clock}. Aanslagnummer {dossier}. Te betalen {euro} op {iban}.
{say civil} {say civil} Bezwaar via {url}. {say civil_who}
"""),
    ("register", r"""
UITTREKSEL BASISREGISTRATIE PERSONEN
Geslachtsnaam: {P.last}
Voornamen: {P.first} {A.first}
Geboren: {P.birth} te {place}
Burgerservicenummer: {P.bsn}
Adres: {street}
Postcode en woonplaats: {zip} {place}
Datum vestiging: {date 4000}   Reisdocument: {passport}
Afgegeven door {at offices} op {today}. {say civil}
"""),
    ("childcare", r"""
Beste {Q.first} en {R.first},

{P:k.first} heeft lekker gespeeld vandaag met {A:k.first}. {say care} {say desk} Denken jullie aan het formulier voor {dm 0 10}?

Liefs, {B.first} en {C.first}, {at schools}
"""),
    ("club", r"""
Ledenmutaties {at clubs}, {my 30}
Nieuw: {P.full} ({P.birth}), {A.full}, {B.full}. Opgezegd: {C.il}. Jubileum: {D.t}, {n 25 60} jaar lid.
{say desk} {say desk_who} Contributie op {iban}. Ledenadministratie: {E.name}, {E.mail}
"""),
    ("notice", r"""
Na een kortstondige ziekte is overleden mijn lieve {P:m.spouse}, onze vader en opa

{P:o.whole}

{place}, {P.born} - {place}, {date 6}

{Q:v.full}
{A.first} en {B.first}, {C.first}
De uitvaart is op {wd 0 7} om {clock}. Correspondentieadres: {street}, {zip} {place}
"""),
    ("focus-group", r"""
Focusgroep {n 1 6}, {at academies}, {wd 20 0}. Moderator {A.full}; deelnemers {P.first}, {Q.first}, {B.first} en {C.first}.
{P.first}: {say talk} {say talk_who}
{B.first}: {say talk} {say talk}
Moderator: {say talk}
{C.first}: {say talk} {say talk_who} {say talk}
"""),
    ("debt-letter", r"""
{at guardians}, {postbus}, {zip} {place}

Geachte {P.dear},

Namens onze cliënt {at landlords} sommeren wij u {euro} te voldoen voor {soon 20} op {iban} o.v.v. {dossier}. {say civil} {say civil} {say civil_who}

{A.il}, dossierbehandelaar, {service}
"""),
    ("prevention", r"""
{say civil} {say care} {say trap} {say desk} {say care} {say care}
"""),
    ("reintegration", r"""
Trajectplan {P:w.t}, {P.age}, {place}. Jobcoach: {A.full} ({A.work}).
Werkervaring: {at firms} ({year}-{year}), {at firms} (tot {my 800}). Opleiding: {at academies}. Rijbewijs B, eigen auto ({plate}).
{say care} {say civil} {say care_who} {say talk}
"""),
    ("mediation", r"""
Verslag buurtbemiddeling. Partijen: familie {P.last} ({street}) en familie {Q.last} (nummer {n 2 80}). Bemiddelaars {A.first} en {B.first}. {say care} {say talk} {say talk} {say care} Vervolg op {dm 0 20} in het buurthuis aan de {road}.
"""),
    ("letter-pupil", r"""
Verslag leerlingbespreking {at colleges}. {P:k.full} ({P.age}) maakt zich los van {A:k.first} en {B:k.first}. {say care} {say care} {say care_who} Ouders, {Q.t} en {R.t}, zijn op {dm 10} gebeld. {say mind}
"""),
    ("privacy", r"""
Melding datalek {dossier}, ontdekt {stamp}. Gemeld door {A.full} aan {box}.
Een brief voor {P.t}, {street}, {place}, is bezorgd bij {Q.t}. Gegevens: naam, {P.bsn} (BSN), {P.birth}, diagnose. {say desk} {say civil} {say trap}
FG {B.name} heeft op {date 5} besloten te melden. {say civil}
"""),
]
