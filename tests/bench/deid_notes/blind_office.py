"""The half `blind`: templates of offices, schools, neighbourhoods, mail and talks. See blind_notes.py. Syntax: engine.py."""

OFFICE = [
    ("objection", r"""
{at offices}
{postbus}, {zip} {place}

{P.T}
{address}

Datum: {today}
Ons kenmerk: {dossier}
Onderwerp: beslissing op bezwaar

Geachte {P.dear},

Op {date 80 -45} hebt u bezwaar gemaakt tegen ons besluit van {date 140 -85}. {say civil} {say civil}
De hoorzitting vond plaats op {wd 40 0}; u liet zich bijstaan door mr. {A.il}, advocaat bij {at lawyers}. {say civil} {say civil}

<Besluit|Wij besluiten>: {say civil} {say civil}

Hoogachtend,
namens het college van burgemeester en wethouders,

{B.sign}
<teammanager Juridische Zaken|hoofd Bezwaar en Beroep>
"""),
    ("objection", r"""
Aan: {at offices}, commissie bezwaarschriften

{place}, {today}

Geachte <heer/mevrouw|leden van de commissie>,

Hierbij maak ik, {P.full}, bezwaar tegen uw beslissing van {date 40} met kenmerk {dossier}. {say talk} {say civil} {say talk}
Mijn burgerservicenummer is {P.bsn}.< Ik woon sinds {my 2000} op {street}.|>

{P.il}
{street}
{zip} {place}
"""),
    ("benefit", r"""
Geachte {P.dear},

U ontvangt vanaf {soon 30} een uitkering. {say civil} Wij maken het bedrag over op rekening {iban} ten name van {P.il}. {say civil} {say civil}
Hebt u vragen? Bel uw klantmanager, {A.T}, via {phone} of mail naar {box}.

Met vriendelijke groet,
{at offices}
"""),
    ("benefit", r"""
RAPPORTAGE LEVENSONDERHOUD
Klant: {P.rev}   BSN: {P.bsn}   Geboortedatum: {P.birth}
Partner: {Q.full}, BSN {Q.bsn}
Adres: {street}, {zip} {place}
Dossier: {dossier}

{say civil} {say care} Klant was tot {my 900} in dienst bij {at firms}. {say care} {say civil}
Vermogen: saldo {euro} op {iban}; auto met kenteken {plate}.
Advies: toekennen. {say civil_who}
Consulent: {A.name}   Kwaliteitsmedewerker: {B.name}
"""),
    ("permit", r"""
OMGEVINGSVERGUNNING
Aanvrager: {at firms}, KvK-nummer {kvk}, vertegenwoordigd door {P.t}
Locatie: {street} te {place}
Ingediend: {date 100}. Zaaknummer {dossier}.

{say civil} {say civil} {say civil}
Tegen de aanvraag is een zienswijze ingediend door {Q.il}, {street}. {say civil} {say trap}
De vergunning ligt vanaf {soon 20} ter inzage; zie {url}. {say civil}

{at offices}, {today}
"""),
    ("social-support", r"""
Onderzoeksverslag Wmo
Gesprek op {wd 20 0} bij {P.t}, {P.age}, {street} in {place}. Ook aanwezig: {P.zijn} {Q.kid} {Q.full} en {A.first} van {at care}.
{say care} {say ward} {say care} {say gp}
Hulpvraag: huishoudelijke hulp en een <scootmobiel|traplift|taxipas>. {say civil} {say care}
Opgesteld door {B.name}, consulent {at offices}.
"""),
    ("social-work", r"""
{dm 9} Huisbezoek gezin {P.last}. Moeder {Q:v.first} en kinderen {B:k.first} ({B.years}) en {C:k.first} ({C.years}) thuis. {say care} {say care} Vader ({R:m.first}) verblijft sinds {my 400} in {place}. {say care} Afspraak: <mw|gezinscoach> {A.last} belt {at schools}. {say care}
"""),
    ("social-work", r"""
Contactjournaal, dossier {dossier}
{date 30}: telefonisch contact met <wijkagent|huisarts|mentor> {A.name}. {say care}
{date 20}: {say care} {say care_who}
{date 10}: appje van cliënt: "{say talk}" {say care}
{date 5}: overleg in het wijkteam met {B.first}, {C.first} en {D.first}; {say care}
"""),
    ("social-work", r"""
{say care} {say care} {say civil} {say care} {say mind}
"""),
    ("youth", r"""
Verzoek tot onderzoek, {at offices}
Betreft de minderjarige {P:k.whole}, geboren te {place} op {P.born}, verblijvende bij {P.zijn} grootmoeder {Q:o.full}.
Gezag: moeder {R:v.full}, {address}. {say care} {say care} {say care}
{P.first} ({P.years}) zegt hierover: "{say talk}" {say care} {say civil}
Jeugdbeschermer {A.name}, {phone}, {A.work}.
"""),
    ("school", r"""
Onderwijskundig rapport
Leerling: {P:k.full}   Geboortedatum: {P.birth}   Leerlingnummer: {student}
School: {at schools}, {place}   Groep: {n 3 8}   Leerkracht: juf {A:v.first}
{say care} {say care} {say care}
Thuissituatie: woont bij <beide ouders|moeder {Q:v.first}|oom {Q:m.full}>. {say care}
Advies intern begeleider ({B.il}): {say care} {say care}
"""),
    ("school", r"""
Beste ouders van {P:k.first},

Op {wd 0 20} om {clock} bent u welkom voor het tienminutengesprek met {A.first} of {B.first}. {say care} {say desk}
Kunt u niet? Bel dan {phone} of mail {box}.

Hartelijke groet,
{C.full}
directeur {at schools}
"""),
    ("school", r"""
Zorgoverleg {at colleges}, {today}. Notulist: {A.first}.
1. {P:k.full}, klas {n 1 4}C. {say care} {say care} {say care_who} Actie: {B.first} belt leerplichtambtenaar {C.t}.
2. {N:k.full} ({N.years}). {say care} {say care} Verhuist in {my 10} naar {place}.
3. Rondvraag. {say desk} {say desk}
"""),
    ("student", r"""
Aan de examencommissie van {at academies}

Mijn naam is {P.full}, studentnummer {student}. {say talk} Wegens <ziekte|het overlijden van mijn oma {Q:o.first}|een operatie in {at hospitals}> heb ik het tentamen van {date 30} gemist. {say civil} {say desk}

{P.full}, {P.mail}
"""),
    ("mail", r"""
Van: {A.full} \<{A.work}>
Aan: {B.full} \<{B.work}>
CC: {box}
Datum: {wd 5 0} {clock}
Onderwerp: <Re: |>afspraak {P.t}

<Hoi|Dag|Ha|Beste> {B.first},

{say desk} {say desk} {P.T} heeft gebeld, <hij|ze> wil liever op {dm 0 20}. {say desk}

<Groet|Groetjes|Mvg>,
{A.first}
--
{A.full} | {at firms} | {street}, {zip} {place} | T {phone} | {url}
"""),
    ("mail", r"""
Hoi {A.first},

{say desk} {say desk_who} {say desk} {B.first} is er tot {dm 0 30} niet, vraag anders {C.name}.

Gr. {D.first}
"""),
    ("mail", r"""
<Beste collega's|Allen|Hallo allemaal>,

<{say desk}|{say desk_who}> {say desk} {say trap} {say desk}

<Groet|Hartelijke groet|Vriendelijke groeten>,
{A.full}
<Secretariaat|Manager bedrijfsvoering|Functioneel beheerder> {at hospitals}
"""),
    ("mail", r"""
From: "{A.rev}" \<{A.work}>
Sent: {stamp}
To: {box}
Subject: gegevens nieuwe cliënt

Hierbij de gegevens: {P.il}, {P.birth}, {P.bsn}, tel {tel}, mail {P.mail}. {say desk} {say civil}
"""),
    ("complaint", r"""
Klachtenfunctionaris {at hospitals}

Geachte <mevrouw|heer> {A.last},

Op {date 60} was ik met mijn <{P.spouse}|{P.parent}|{P.kid}> {P.first} op de spoedeisende hulp. {say talk} {say talk} {say talk} De arts, ik meen dokter {B.last}, {say talk}
{say talk} Ik hoor graag van u.

{Q.full}, {place}
{Q.mail}, {mobile}
"""),
    ("interview", r"""
Interview {n 1 30}, respondent {P.first}, {today}

I: {say talk}
R: {say talk} {say talk} Ik ben nu {P.spelt} en ik woon in {place}, samen met {Q.first}.
I: {say talk}
R: {say talk} {say talk} In {my 2000} werd ik opgenomen in {at hospitals}. {say talk} Dokter {A.last} was geweldig.
I: {say talk}
R: {say talk} {say talk_who} {say talk}
"""),
    ("interview", r"""
[{n 0 1}:{n 10 59}:{n 10 59}] {P.first}: {say talk} {say talk}
[{n 0 1}:{n 10 59}:{n 10 59}] interviewer: {say talk}
[{n 0 1}:{n 10 59}:{n 10 59}] {P.first}: {say talk} Mijn <{Q.sib}|{Q.kid}|{Q.spouse}> {Q.first} werkte toen bij {at firms}, in {place}. {say talk} {say talk}
[{n 0 1}:{n 10 59}:{n 10 59}] interviewer: {say talk}
"""),
    ("interview", r"""
V: {say talk} A: {say talk_who} {say talk} V: {say talk} A: {say talk} {say talk} {say talk}
"""),
    ("chat", r"""
{A.first}: {say talk}
{B.first}: {say desk}
{A.first}: weet jij het nummer van {P.first}? 
{B.first}: {mobile}
{A.first}: top {say desk_who}
"""),
    ("police", r"""
PROCES-VERBAAL VAN AANGIFTE
Proces-verbaalnummer {dossier}
Aangever: {P.whole}, geboren op {P.born} te {place}, wonende aan de {street} te {place}, telefoon {tel}, paspoort {passport}.

Ik doe aangifte van <diefstal|vernieling|oplichting|mishandeling>. Op {wd 9 0} omstreeks {clock} stond mijn auto, kenteken {plate}, op het {road}. {say talk} {say talk} {say talk}
Ik hoorde iemand "{Q.first}" roepen. {say talk}

Verbalisant {A.last}, {at offices}
"""),
    ("court", r"""
UITSPRAAK
in de zaak tussen
{P.il}, te {place}, eiser (gemachtigde: mr. {A.il}),
en
{at offices}, verweerder.

Procesverloop. Bij besluit van {date 300} heeft verweerder de aanvraag afgewezen. {say civil} {say civil}
Overwegingen. {say civil} {say civil} {say civil} {say trap}
Deze uitspraak is gedaan door mr. {B.il}, in aanwezigheid van {C.il}, griffier, op {today}.
"""),
    ("debt", r"""
Budgetplan {P.last}, opgesteld {today}, {at guardians}
Inkomen: {euro}. Schulden: {at landlords} {euro}; {at firms} {euro}.
Leefgeld wekelijks naar {iban} t.n.v. {P.il}. {say care} {say civil}
Bewindvoerder: {A.name}, {phone}. {say care} {say civil}
"""),
    ("invoice", r"""
FACTUUR
{at firms}
{street}, {zip} {place}
KvK {kvk}  Btw-id {vat}  IBAN {iban}

Aan: {P.T}, {address}
Factuurdatum {today}, te betalen voor {soon 40}
{n 1 9} x consult {euro}. {say civil} {say civil}
Betaald met creditcard {card}.
"""),
    ("insurance", r"""
Schadeformulier {at insurers}
Verzekerde: {P.rev}   Geb.: {P.birth}   Polis: {dossier}
E-mail: {P.mail}   Mobiel: {mobile}   IBAN: {iban}
Voertuig: {plate}, tegenpartij {Q.il} uit {place} met {plate}
Toedracht: {say talk} {say talk} {say talk}
Letsel: {say gp} {say gp}
"""),
    ("housing", r"""
Geachte <{P.dear}|huurder>,

{say civil} Op {wd 0 20} komt onze opzichter {A.full} bij u langs op {street}. {say desk} {say civil} Past dit niet, bel dan {service} of ga naar {url}.

{at landlords}
"""),
    ("neighbours", r"""
Geluidsoverlast {street}, {place}. Melder: {P.t} ({mobile}). Veroorzaker zou {N.t} zijn, nr. {n 2 90}. {say talk} {say care} Wijkbeheerder {A.first} gaat langs op {dm 0 9}. {say civil}
"""),
    ("asylum", r"""
Verslag gehoor. V-nummer {vnumber}. Naam: {P.whole}. Geboren: {P.birth}. Tolk: {A.il}. Gemachtigde: {B.sign}.
Vraag: {say talk} Antwoord: {say talk} {say talk} In {season} ben ik met mijn <{Q.sib}|{Q.spouse}> {Q.first} vertrokken. {say talk} {say talk} Nu verblijf ik in {place}, {street}. {say civil}
"""),
    ("participation", r"""
Aanmelding cursus via {url}
Voornaam: {P.first}
Achternaam: {P.last}
Leeftijd: {P.years}
Woonplaats: {place}
E-mailadres: {P.mail}
Telefoonnummer: {tel}
Opmerkingen: {say talk} {say desk}
"""),
    ("list", r"""
naam;geboortedatum;postcode;telefoon;email
{P.il};{P.birth};{zip};{tel};{P.mail}
{Q.il};{Q.birth};{zip};{tel};{Q.mail}
{A.rev};{A.birth};{zip};{tel};{A.mail}
"""),
    ("minutes", r"""
Notulen cliëntenraad {at homes} {wd 9 0}
Aanwezig: {A.il} (voorzitter), {B.il}, {C.il}, {D.first}; afwezig m.k.: {E.full}
1. Opening. {say desk} 2. Mededelingen. {say desk} {say trap} 3. Menu. {say talk} {say care} 4. Verbouwing {road}: {say civil} {say civil} 5. Rondvraag. {B.first} vraagt naar de tuin. {say desk}
Volgende vergadering {wd 0 60}.
"""),
    ("application", r"""
{P.full}
{street}, {zip} {place}
{mobile} / {P.mail}

{place}, {today}

Geachte {A.dear},

Via {url} zag ik uw vacature. {say desk} Van {my 3000 -600} tot {my 500} werkte ik bij {at firms} en {at care}. {say talk} {say desk}
Referentie: {B.full}, {B.work}.

Met vriendelijke groet, {P.full}
"""),
    ("log", r"""
{stamp} login ok gebruiker {A.work} vanaf {ip} ({mac})
{stamp} dossier {patient} geopend, reden: behandelrelatie
{stamp} fout 503 in module planning, poging {n 1 9} van 10
{stamp} afdruk brief {P.rev} naar printer P-{n 10 99}
{stamp} sessie gesloten na {n 5 60} minuten
"""),
    ("helpdesk", r"""
Ticket {n 10000 99999}: {A.full} (afd. planning) kan niet inloggen sinds {dm 3}. {say desk} {say desk} {say trap} IP {ip}. Teruggebeld op {mobile}, opgelost door {B.first}.
"""),
    ("tax", r"""
Aanslag gemeentelijke heffingen, dagtekening {today}
{P.rev}
{address}
Aanslagnummer {dossier}  BSN {P.bsn}
{say civil} Het bedrag van {euro} wordt op {soon 30} afgeschreven van {iban}. {say civil} {say civil} Uw gegevens wijzigen? {url}
"""),
    ("foundation", r"""
{at clubs} (RSIN {rsin}, KvK {kvk}) is gevestigd te {place}. Bestuur: {A.full}, voorzitter; {B.full}, penningmeester; {C.full}, secretaris. {say civil} {say care} {say civil} Giften op {iban}. {say desk}
"""),
    ("plain", r"""
{say civil} {say civil} {say civil} {say trap} {say civil}
"""),
    ("plain", r"""
{say desk} {say desk} {say care} {say talk} {say care}

{say civil} {say trap} {say care}
"""),
    ("volunteer", r"""
Belverslag maatje: {dm 9} met {P.first} <koffie gedronken in de stad|gewandeld langs de haven in {place}|boodschappen gedaan>. {say care} {say talk} {P.Hij} mist {Q.first} erg. {say care} {say ward}
"""),
    ("work", r"""
Verslag functioneringsgesprek {today}. Medewerker {P:w.full}, leidinggevende {A.full}, {at firms}. In dienst sinds {date 3000 -200}. {say desk} {say care} {say desk} {say talk} Akkoord: {P.il} {A.il}
"""),
]
