"""The half `blind`: templates of care; those of offices, schools and talks are in blind_office.py. Written by somebody who had read neither the
detectors nor, but for a few lines, the other halves' templates; never scored while it was written, and not to be changed after it was. Syntax: engine.py."""
from blind_more import MORE
from blind_office import OFFICE
from blind_slots import Slots as BlindSlots

NAME = "blind"
POOLS = {}  # slots.say has them: it repeats no sentence within a note


def slots(rng):
    return BlindSlots(rng)


CLINIC = [
    ("gp-soep", r"""
{today} <spreekuur|telefonisch consult|visite|e-consult>
S {say gp} {say gp}< Is ongerust, {Q.sib} {Q.first} heeft hetzelfde gehad.|>
O {say gp} {say gp}
E <virale infectie|aspecifieke klachten|hypertensie|diabetes type 2|lage rugpijn|moeheid>
P {say gp} <{say gp}|{say gp_who}>< Overlegd met {A.dr}, {say gp}|>
"""),
    ("gp-soep", r"""
S: {say gp} {say gp} {say trap}
O: {say gp} {say gp}
E: {say gp}
P: {say gp} Controle <{soon 40}|over {n 2 6} weken|zo nodig>.
"""),
    ("gp-telephone", r"""
Tel. <{Q.kid}|{Q.spouse}|{Q.sib}> ({Q.first}, {mobile}): {P.t} is vannacht <gevallen|benauwd geweest|erg in de war>. {say gp} {say gp} <Visite afgesproken vanmiddag|Advies gegeven, belt terug bij toename>.
{say gp} (<assistente|triagist> {A.first})
"""),
    ("gp-card", r"""
Naam: {P.rev}
Geb. datum: {P.birth}  Geslacht: {P.mv}
BSN: {P.bsn}
Adres: {address}
Tel: {tel}
Huisarts: {A.il}, {at practices}
Apotheek: {at pharmacies}
Allergieën: <geen bekend|penicilline|jodiumhoudend contrast|pleisters>
Actieve problemen: hypertensie (sinds {year}), astma, artrose knie. {say gp}
"""),
    ("gp-referral", r"""
Geachte collega,

Graag uw <onderzoek en behandeling|oordeel|advies> betreffende {P.t}, geboren {P.born}, {P.jarige} {P.man} met <aanhoudende buikklachten|progressieve dyspnoe|recidiverende syncope|een verdachte moedervlek>.

{say gp} {say gp} {say gp}
Voorgeschiedenis: {my} <cholecystectomie|heupprothese links|hernia L5-S1>, {year} appendectomie. {say letter}
Medicatie: metformine 2dd500 mg, simvastatine 40 mg. {say gp}

Met collegiale groet,
{A.sign}, huisarts
{at practices}, {street}, {zip} {place}
AGB {agb}, tel. {phone}
"""),
    ("gp-referral", r"""
Beste {A.first},

Wil jij eens kijken naar {P.full} ({P.age})? {say gp} {say gp} Ik heb {P.hem} op {dm} gezien en {say trap} {say letter}
< {P.Hij} spreekt slecht Nederlands, {P.zijn} {Q.kid} {Q.first} komt mee om te tolken.|>

Groet, {B.first}
"""),
    ("discharge", r"""
{at hospitals}, afdeling <interne geneeskunde|cardiologie|chirurgie|longziekten|geriatrie>
{postbus}, {zip} {place}

Aan: {A.dr}, huisarts te {place}
Betreft: {P.rev}, geb. {P.birth}, patiëntnummer {patient}

Geachte collega,

Van {date 20 -6} tot {date 5} was bovengenoemde {P.jarige} patiënt opgenomen in verband met <een decompensatio cordis|een pneumonie|een heupfractuur|galsteenlijden>.

Beloop
{say letter} <{say letter}|{say letter_who}> {say letter}

Aanvullend onderzoek
{say letter} {say image}

Beleid
{say letter} {say letter}< {P.T} wordt op {wd 0 40} teruggezien door {B.dr}.|>

Met vriendelijke groet,

{C.sign}, <arts-assistent|zaalarts|internist|AIOS>
mede namens {B.dr}, <cardioloog|internist|chirurg>
"""),
    ("discharge", r"""
ONTSLAGBRIEF
Patiënt: {P.t} ({P.mv}, {P.born})
Opname: {dm 20 -7} - {dm 6}. Hoofdbehandelaar: {A.dr}
Reden van opname: {say letter}
Voorgeschiedenis:
- {my 6000}: <TIA|hernia inguinalis|mammacarcinoom rechts>
- {year}: <prostatectomie|sectio caesarea|PTCA>
- {season}: <cataractoperatie|knieprothese>
Beloop: {say letter} {say letter} {say letter} {say trap}
Ontslag naar: <huis met thuiszorg van {at care}|{at homes}|huis>
Contactpersoon: <{Q.spouse}|{Q.kid}> {Q.full}, {mobile}
"""),
    ("outpatient", r"""
Geachte collega {A.last},

Op {today} zag ik uw patiënte, {P:v.t}, {P.age}, op de polikliniek. {say letter} {say letter}

Anamnese: {say gp} <{say gp}|{say gp_who}>
Lichamelijk onderzoek: {say letter} {say gp}
Conclusie: {say letter}
Plan: {say letter} {say letter}

{B.sign}
<neuroloog|reumatoloog|MDL-arts|dermatoloog>
{at hospitals}
"""),
    ("outpatient", r"""
Poli {today}. {P.T} komt samen met <partner|{Q.parent}|mantelzorger> {Q.first}. {say letter} {say gp} Eerder gezien door {A.dr} in {at hospitals} ({my}). {say letter} {say letter} {say letter}
Afspraken: 1. {say letter} 2. {say gp} 3. TC op {wd 0 30} door {B.first}.
"""),
    ("radiology", r"""
<X-thorax|CT-thorax|MRI LWK|Echo abdomen|CT-schedel|X-bekken> d.d. {today}
Aanvrager: {A.dr}. Klinische gegevens: {P.jarige} {P.man}, {say letter}
Verslag:
{say image} {say image} {say image} {say image}
{say image}
<Radioloog: {B.sign}|Verslaglegger {B.il}, geautoriseerd {stamp}|>
"""),
    ("radiology", r"""
{say image} {say image} {say image} {say trap} {say image} {say image}
"""),
    ("radiology", r"""
Onderzoek: <MRI|CT|echo|mammografie>  Datum: {today}  Pat.nr.: {patient}
Naam: {P.rev}  Geb: {P.birth}
Vergelijking met {date 900} ({at hospitals}). {say image} {say image} {say image}
Bevindingen telefonisch doorgegeven aan {A.dr} om {clock}.
"""),
    ("pathology", r"""
PALGA-verslag, T-nummer volgt
Inzender: {A.il}, <chirurgie|gynaecologie|dermatologie>, {at hospitals}
Patiënt: {P.rev}, {P.mv}, {P.birth}
Materiaal: <huidexcisie rug|biopt colon|mammabiopt links>. Ontvangen {dm 9}.
Macroscopie: een huidlap van {n 8 30} x {n 5 20} x {n 2 9} mm met centraal een laesie.
Microscopie: {say letter} {say letter}
Conclusie: {say letter}
Patholoog: {B.il}
"""),
    ("nurse", r"""
{say ward} <{say ward}|{say ward_who}> {say ward} {C.code}
"""),
    ("nurse", r"""
ND {dm 3}: {say ward} {say ward} {say ward}
VD: {say ward} {say ward_who} Fam op bezoek (<{Q.kid}|klein{Q.kid}|{Q.sib}> {Q.first}). {say ward}
AD: {say ward} {say ward} Arts {A.last} gebeld {clock}. {say ward}
"""),
    ("nurse", r"""
{clock} {say ward} {say ward}
{clock} {say ward} <{P.T}|Mw|Dhr> vraagt steeds naar <{Q.first}|huis|moeder>. {say ward}
{clock} {say ward} Paraaf: {C.code}
"""),
    ("nurse", r"""
Overdracht kamer {n 1 30}: {P.last}, {P.age}, opname {dm 9} ivm <val|COPD|CVA|ileus>. {say ward} {say ward} {say ward} Let op: {say ward}
Overdracht kamer {n 1 30}: {B:o.last}, {B.age}, {say ward} {say ward} {say ward}
Overdracht kamer {n 1 30}: {N:o.T}, ({N.years}), {say ward} Ontslag gepland {wd 0 6} naar {at homes}.
"""),
    ("nurse", r"""
bewoonster {P:v.first} was vanochtend wat verward. {say ward} {say ward} Samen met {A.first} en {B.first} gewassen. {say ward} {say ward}
"""),
    ("homecare", r"""
Zorgmap {P.t}, {street}, {place}. Sleutelkluis code bij kantoor.
{dm 9} {say ward} {say ward} {A.first}
{dm 8} {say ward_who} Wijkvpk {B.full} langs geweest voor herindicatie. {say ward}
{dm 7} niet thuis getroffen, <zoon|dochter> gebeld ({tel}): was bij {at care}. {C.first}
"""),
    ("emergency", r"""
SEH {today} {clock}, <eigen vervoer|per ambulance|verwezen door HAP>. Triage <geel|oranje|groen>.
{P.Hij}: {P.jarige} {P.man}, <val van de trap|pijn op de borst|buikpijn|hoofdpijn na een ongeval> op {road} te {place}.
A vrij B {n 12 28}/min, sat {n 88 99}% C RR {rr} D EMV {n 11 15} E {x 35 39}.
{say letter} {say letter} {say image}
Overleg <cardioloog|neuroloog|chirurg> {A.last}: {say letter}
Ontslag naar huis met {Q.full} (<partner|{Q.parent}>). {say gp}
"""),
    ("ambulance", r"""
Ritformulier {dossier}. Melding {clock}, ter plaatse {street}, {place}. Voertuig {plate}.
Patiënt {P.full}, {P.birth}, verzekerd, BSN {P.bsn}. {say letter} {say gp} Overgedragen aan {at hospitals}, verpleegkundige {A.first}. {say trap}
"""),
    ("psychiatry", r"""
Intakeverslag {at minds}
Cliënt: {P.full}, {P.age}. Datum intake: {today}. Behandelaar: {A.sign}, GZ-psycholoog (BIG {big})
Reden van aanmelding: {say mind} {say mind}
Psychiatrisch onderzoek: {say mind} {say mind} {say mind}
Biografie: {P.first} groeide op in {place} als <oudste|middelste|jongste> van {n 3 6} kinderen. Vader {Q:m.first} werkte bij {at firms}. {P.Hij} bezocht {at colleges}. {say mind}
Beleid: {say mind} {say mind_who} Overleg met {B.dr} en <wijkagent|huisarts> {C.last}.
"""),
    ("psychiatry", r"""
Sessie {n 2 14}. {say mind} {say mind_who} {say mind} {P.first} vertelt dat {P.zijn} <{Q.sib}|ex|{Q.parent}> {Q.first} in {my 900} is overleden. {say mind} {say mind}
"""),
    ("psychiatry", r"""
Voortgang: {say mind} {say mind} {say trap} {say mind} {say mind}
"""),
    ("midwife", r"""
{P:w.T} G{n 2 4}P{n 1 2}, zwangerschapsduur {n 8 41}+{n 0 6} weken, à terme {soon 200}. {say gp}
Partner: {Q:m.full}. Kraamzorg: {at care}. Wil bevallen in {at hospitals}. {say letter} {say gp}
Bevallen {wd 20 0}: {B:b.kid} {B:b.first}, {n 2600 4200} gram. {say letter}
Volgende controle bij {C.first}.
"""),
    ("child-health", r"""
Consultatiebureau {at care}, {today}
Kind: {P:b.whole}, {P.age}. Ouders: {Q:v.full} en {R:m.full}, {place}.
Groei volgens de curve, Van Wiechen conform leeftijd. {say gp} Vaccinaties: DKTP-Hib-HepB, {say trap}
Jeugdarts {A.il}
"""),
    ("paediatrics", r"""
Geachte collega {A.last},
{P:k.first}, een {P.jarige} {P.man}, werd door {P.zijn} {Q.parent} {Q.t} naar ons gebracht. {say letter} {say gp} {say letter}
Sociaal: zit in groep {n 3 8} van {at schools}, zusje ({B:k.years}) gezond. {say gp} {say letter}
Conclusie: {say letter}
{C.sign}, kinderarts
"""),
    ("pharmacy", r"""
Recept {dossier}
{P.rev} {P.birth} {street} {zip} {place}
R/ <Metformine|Amlodipine|Pantoprazol|Oxazepam> {n 5 80} mg, {n 30 90} stuks, S {n 1 3}dd1
Arts: {A.il}, AGB-code {agb}
Afgehaald door <{Q.spouse}|{Q.kid}> {Q.first} op {dm 5}. {say gp}
"""),
    ("anaesthesia", r"""
Preoperatieve screening {today}. {say trap} {say letter} {say gp} {say gp} Ingreep: <TKP links|lap. chol.|liesbreuk vlgs Lichtenstein|Pfannenstiel-incisie>, operateur {A.last}. Lengte {n 155 195} cm, {n 55 110} kg. {say trap}
"""),
    ("operation", r"""
Operatieverslag {P.rev} ({patient}) {date 20}
Operateur: {A.dr}. Assistent: {B.il}. Anesthesioloog: {C.il}. OK-assistenten: {D.first} en {E.first}.
Time-out akkoord. {say trap} Incisie volgens Kocher, Langenbeck-haken, hemostase. Spoelen, sluiten met Vicryl 2-0. {say letter}
Complicaties: geen. {say letter}
"""),
    ("lab", r"""
Lab {dm 4}: Hb {x 5 9}, leuko {x 3 15}, trombo {n 110 420}, CRP {n 1 200}, kreat {n 50 200}, K {x 3 6}, Na {n 128 146}, ALAT {n 10 99}, INR {x 1 4}.
{say gp} {say letter} {say trap}
"""),
    ("elderly", r"""
MDO {at homes} {today}. Aanwezig: {A.first} (EVV), {B.t} (specialist ouderengeneeskunde), {C.first} van de fysio, dochter {Q:v.full}.
{P:o.T}, {P.age}: {say ward} {say mind} {say ward} Wensen: {say ward} {say letter}
Wettelijk vertegenwoordiger: {Q.t}, {mobile}, {Q.mail}
"""),
    ("palliative", r"""
Visite thuis {wd 5 0}. {P:o.T} is <bedlegerig|helder|suf>, <{Q.first} en {R.first}|de familie> <waken|zijn aanwezig>. {say gp} {say letter} Dexamethason en morfinepomp {n 10 60} mg/24 uur. {say ward} Huisarts {A.last} ({mobile}) bereikbaar, daarna HAP. Pastor {B.last} is gevraagd.
"""),
    ("physio", r"""
Verwijzing {A.il}, huisarts. Behandeling {n 2 12}. {say gp} {say gp} Schober {n 3 5} cm, Trendelenburg positief. {say trap} {say letter} Volgende afspraak {wd 0 14}, {clock}.
"""),
    ("dentist", r"""
{date 20} {P.full}: element {n 1 4}{n 1 8} composiet MOD, anesthesie Ultracain. {say trap} Halfjaarlijkse controle; rekening naar {P.mail}. {A.first}
"""),
    ("e-consult", r"""
Beste dokter<| {A.last}>,

{say talk} Sinds {dm 20} heb ik weer last van mijn <rug|maag|knie|hoofd>. {say gp} Kan ik daarvoor langskomen of is een foto nodig?
U kunt mij bereiken op {tel}<, liefst na {clock}|>.

<Groetjes|Mvg|Met vriendelijke groet>,
{P.full}
<{P.birth}|geb. {P.birth}, {street}|>
"""),
    ("e-consult", r"""
hallo ik ben de {Q.parent} van {P:k.full} {P.born} {P.hij} heeft al {n 2 6} dagen koorts {n 38 40},{n 1 9} en wil niet drinken wat moet ik doen mijn nummer is {mobile} gr {Q.first}
"""),
    ("reply", r"""
Geachte <{P.dear}|heer/mevrouw>,

Dank voor uw bericht. {say gp} {say letter} {say gp} Meer informatie staat op {url} of bel de assistente, {phone}.

{A.sign}
{at practices}
"""),
    ("consent", r"""
TOESTEMMINGSFORMULIER
Ik, ondergetekende, {P.whole}, geboren op {P.born} te {place}, wonende {address}, geef toestemming aan {at hospitals} om mijn gegevens te delen met {at practices}.
{say civil} {say trap}
Plaats: {place}   Datum: {today}
Naam arts: {A.il}   BIG-nummer: {big}
"""),
    ("incident", r"""
VIM-melding {dossier}. Datum incident: {date 20}, {clock}. Melder: {A.full}, verpleegkundige.
Omschrijving: {say ward} {say ward} Medicatie van {P.last} werd aangereikt aan {N.last}. {say ward} Arts {B.last} direct ingelicht, familie gebeld. {say trap} {say desk}
"""),
    ("trial", r"""
Screeninglog studie, centrum {at hospitals}. Hoofdonderzoeker: {A.dr}, tel {service}.
{n 1 9}. {P.code}, {P.birth}, {P.mv}: geïncludeerd {date 90}. {say trap}
{n 10 20}. {N.code}, {N.birth}, {N.mv}: uitgesloten, {say gp} {say trap}
Monitor: {B.full} ({B.work}). {say trap} {say letter}
"""),
    ("plain", r"""
{say gp} {say gp} {say letter} {say trap} {say gp}
"""),
    ("plain", r"""
{say letter} {say letter} {say image} {say trap} {say letter}

{say letter} {say gp} {say mind}
"""),
    ("caps-label", r"""
NAAM {P.rev} GEB {P.birth} PATNR {patient} AFD {n 1 6}{n 1 9} ARTS {A.last}
{say trap} {say ward}
"""),
    ("second-opinion", r"""
Geachte heer, mevrouw,

Namens mijn cliënte, {P:v.t} (geb. {P.maiden}), verzoek ik u om een tweede mening over de behandeling in {at hospitals} in de periode {my 900 -330} tot {my 300}. {say letter} {say civil} {say letter}
De beelden staan op naam van {P.rev}, nummer {patient}. {say trap}

Hoogachtend,
mr. {A.il}, {at lawyers}
{A.work} | {phone}
"""),
    ("occupational", r"""
Terugkoppeling spreekuur bedrijfsarts, {at firms}
Werknemer: {P:w.il}, personeelsnummer {dossier}. Spreekuur {date 9}. Werkgever: {at firms}, t.a.v. {A.full}.
{say mind} {say civil} Opbouw: week 1 t/m {n 2 4} {n 2 4} uur per dag. {say trap} {say desk}
Evaluatie {wd 0 30}. {B.sign}, bedrijfsarts
"""),
    ("genetics", r"""
Stamboom: indexpatiënte {P:v.first} ({P.years}), mammacarcinoom; zus {Q:v.first} ({Q.years}), ovariumcarcinoom; oma {R:o.first} overleden in {year}. Draagster BRCA2. {say letter} {say letter} Consulent {A.full}, {at hospitals}. {say trap}
"""),
]

TEMPLATES = CLINIC + OFFICE + MORE
