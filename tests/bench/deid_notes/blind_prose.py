"""Sentences of the half `blind` in which nothing is to be found: what most of a real note consists of. Syntax: engine.py."""
from lists import lines

POOLS = {
    # What a general practitioner writes.
    "gp": lines("""
Sinds {n 2 9} dagen keelpijn en wat hoesten, geen koorts.
Klachten nemen toe bij traplopen, in rust geen pijn.
Geen braken, defecatie normaal, mictie ongestoord.
Slaapt slecht, piekert veel, eetlust matig.
Al weken moe, lusteloos en snel kortademig.
Buik soepel, geen drukpijn, geen défense, normale peristaltiek.
Cor s1s2 geen souffle, pulm VAG bdz.
RR {rr}, pols {n 58 104} regulair, saturatie {n 91 99}%.
Trommelvliezen beiderzijds glanzend, keel rustig, geen klieren.
Proef van Lasègue negatief, kracht en sensibiliteit intact.
Tinel en Phalen rechts positief, duimmuis wat atrofisch.
McBurney drukpijnlijk, Murphy negatief.
Knie: hydrops, Lachman dubieus, meniscustests negatief.
Schouder: painful arc, Hawkins positief, passief vrij.
Hallpike naar links positief, daarna Epley uitgevoerd.
Bekend met de ziekte van Crohn, nu al {n 2 8} jaar rustig.
DD virale infectie, beginnende Pfeiffer, minder waarschijnlijk Lyme.
Verdenking ziekte van Ménière, DD vestibulaire migraine.
Fenomeen van Raynaud aan beide handen, vooral bij kou.
Ziekte van Dupuytren pink links, contractuur ongeveer {n 20 50} graden.
Vermoeden Bell-parese, oor zonder blaasjes.
Morbus Osgood-Schlatter, uitleg gegeven, rust en koelen.
Bakerse cyste in de knieholte, afwachten.
Herpes zoster dermatoom Th{n 4 10}, start valaciclovir 3dd1000 mg.
Amoxicilline 3dd500 mg, {n 5 7} dagen, vangnetadvies gegeven.
Paracetamol zo nodig tot 4dd1 gram, liever geen NSAID.
Metoprolol verhoogd naar {n 50 150} mg, controle over {n 2 6} weken.
Omeprazol 1dd20 mg voor het ontbijt, bij onvoldoende effect gastroscopie.
Salbutamol zo nodig, inhalatietechniek doorgenomen.
Uitleg en geruststelling, terug bij alarmsymptomen.
Bloed prikken, uitslag over een week telefonisch.
Hb {x 6 9}, MCV {n 78 99}, ferritine {n 8 120}, TSH {x 1 6}.
eGFR {n 38 90}, kalium {x 3 5}, natrium {n 131 145}.
HbA1c {n 41 78} mmol/mol, LDL {x 1 4}, ACR {x 1 9}.
CRP {n 1 140}, leuko's {x 4 17}, urinesediment schoon.
ICPC {n 1 9}{n 1 9}: niet van toepassing, episode afgesloten.
Beleid: expectatief, zo nodig verwijzing fysio.
Wondje schoon, hechtingen verwijderd, geen roodheid.
Uitstrijkje gemaakt, portio gaaf, geen bijzonderheden.
Wil graag stoppen met roken, folder meegegeven.
Werkt in ploegendienst, veel stress thuis en op het werk.
Gewicht {n 52 118} kg, BMI {n 19 38}, buikomvang niet gemeten.
Allergie: penicilline (huiduitslag), verder geen.
"""),
    # What is dictated for a letter of a specialist.
    "letter": lines("""
De voorgeschiedenis vermeldt een appendectomie, hypertensie en een TIA.
Het beloop op de afdeling was ongecompliceerd.
Postoperatief ontstond een ileus, waarvoor een maagsonde en nuchter beleid.
Er was sprake van een delier, waarvoor haloperidol in lage dosering.
De wond genas per primam en de drain kon op dag {n 2 5} worden verwijderd.
Gezien de CHA2DS2-VASc-score van {n 2 6} werd gestart met een DOAC.
Bij auscultatie een systolische souffle graad {n 2 4}/6 met voortgeleiding naar de carotiden.
Elektrocardiogram: sinusritme {n 56 98}/min, linkeras, geen ischemie.
Echocardiografisch een redelijke linkerkamerfunctie met een ejectiefractie van {n 30 60}%.
Op de Holter enkele korte runs boezemfibrilleren.
De Glasgow Coma Scale bedroeg {n 9 15} bij binnenkomst, pupillen isocoor.
Neurologisch onderzoek: Babinski links indifferent, Romberg gestoord.
Er zijn aanwijzingen voor de ziekte van Parkinson met een asymmetrisch hypokinetisch-rigide beeld.
Differentiaaldiagnostisch denken wij aan het syndroom van Guillain-Barré.
De MMSE was {n 17 29}/30, de FAB {n 8 17}/18; passend bij beginnende ziekte van Alzheimer.
Bij patiënt met een Barrett-slokdarm werd geen dysplasie gevonden.
Er werd een procedure volgens Whipple verricht met een ongestoord beloop.
De fractuur werd volgens Weber geclassificeerd als type B.
Een Colles-fractuur rechts werd gereponeerd en met gips behandeld.
Histologie toont een adenocarcinoom, Gleason {n 3 4}+{n 3 4}, sneevlakken vrij.
Melanoom met Breslow-dikte {x 0 3} mm, Clark III, geen ulceratie.
Stadium volgens Ann Arbor II A, non-Hodgkinlymfoom van het diffuus grootcellige type.
De ziekte van Graves is met thiamazol onder controle.
Hashimoto-thyreoïditis, waarvoor levothyroxine 1dd{n 50 150} microgram.
Het syndroom van Sjögren werd bevestigd door een lipbiopt en een afwijkende Schirmertest.
De ziekte van Bechterew is stabiel onder adalimumab.
Bij het syndroom van Down is jaarlijkse controle van de schildklier geïndiceerd.
Wij zagen geen aanwijzingen voor maligniteit.
De medicatie werd als volgt aangepast: furosemide {n 20 80} mg, spironolacton 25 mg, bisoprolol {n 1 5} mg.
Bij ontslag waren de vitale functies stabiel en was de pijnscore {n 0 3}.
Wij adviseren leefregels, afvallen en staken van het roken.
Laboratorium: kreatinine {n 58 190} µmol/l, ureum {x 4 19}, ALAT {n 12 90}, gamma-GT {n 10 210}.
Bloedkweken bleven negatief, in de urine groeide E. coli.
De antibiotica werden na {n 3 7} dagen gestaakt.
De Wells-score was {n 1 6}, de D-dimeer verhoogd, reden voor een CT-angiografie.
Apgarscores {n 6 8} en {n 9 10}, navelstreng-pH 7,{n 18 34}.
In de familie komen geen hart- en vaatziekten voor.
Alcohol sporadisch, geen drugs, rookt een half pakje per dag.
De behandeling werd in het multidisciplinair overleg besproken.
Reanimatiebeleid is besproken: volledig beleid, geen beperkingen.
Er bestaat een contra-indicatie voor trombolyse.
Controle op de polikliniek over {n 2 12} weken.
Het advies is poliklinische hartrevalidatie.
De prothese staat goed; belasten is toegestaan op geleide van pijn.
Spirometrie: FEV1 {n 38 95}% van voorspeld, Tiffeneau-index 0,{n 48 79}, GOLD {n 1 3}.
Bij colonoscopie enkele divertikels en een poliep van {n 3 12} mm.
"""),
    # Reports of images.
    "image": lines("""
Geen pneumothorax of pleuravocht.
Hart niet vergroot, hili slank, longvelden zonder infiltraat.
Enkele streperige verdichtingen basaal, passend bij atelectase.
Status na sternotomie, draden intact.
Geen aanwijzingen voor longembolie tot op subsegmentaal niveau.
Lever homogeen, geen focale laesies, galwegen niet verwijd.
Cyste van {n 8 40} mm in de linkernier, Bosniak I.
Discusprotrusie L{n 3 4}-L{n 4 5} met contact met de wortel, geen stenose.
Modic-veranderingen type {n 1 2} op twee niveaus.
Kellgren-Lawrence graad {n 1 4} artrose mediaal.
Geen fractuur, geen luxatie, weke delen niet afwijkend.
Witte-stofafwijkingen, Fazekas {n 1 3}, passend bij de leeftijd.
Geen bloeding, geen verschuiving van de middenlijn, ventrikels symmetrisch.
BI-RADS {n 1 4} beiderzijds.
Techniek: {n 2 5} mm coupes, contrast {n 60 120} ml i.v., geen reactie.
Vergeleken met vorig onderzoek geen relevante verandering.
Lymfeklieren in het mediastinum niet vergroot.
Tip van de lijn projecteert op de vena cava superior.
Schatzki II tibiaplateaufractuur, inzakking {n 2 9} mm.
Swan-Ganz-katheter in situ, tip in de rechter longslagader.
Doppler: normaal flowpatroon in de vena femoralis, goed comprimeerbaar.
Conclusie: geen acute pathologie.
Conclusie: beeld past bij een pneumonie rechts basaal.
Advies: controle-echo over {n 3 12} maanden.
"""),
    # Nurses, in telegrams.
    "ward": lines("""
Rustige nacht gehad, goed geslapen.
ADL met hulp, transfer met {n 1 2} personen.
Wondje stuit verbonden volgens protocol, Braden {n 12 20}.
Mob met rollator naar de huiskamer, ging prima.
Eet en drinkt matig, lijst bijgehouden.
Fles gevraagd, {n 200 550} ml geproduceerd, helder.
CAD doorgespoeld, loopt goed af.
Def gehad, Bristol {n 2 5}.
NRS {n 0 7}, pcm gegeven met goed effect.
T {n 36 38},{n 0 9} P {n 60 100} RR {rr} sat {n 90 99}.
Om {clock} onrustig, belde vaak, na gesprekje rustiger.
Infuus opnieuw geprikt, loopt {n 42 125} ml/u.
Insuline {n 6 24} EH s.c. gegeven, glucose {x 4 15}.
Delierscore (DOS) {n 0 4}, geen bijz.
Steunkousen aan, huid intact.
Vochtbalans + {n 100 900} ml, morgen wegen.
Hielen vrij gelegd, wisselligging om de {n 2 4} uur.
Sondevoeding loopt op stand {n 40 100}, geen retentie.
Weigert medicatie, later nogmaals geprobeerd.
Heeft gezellig meegedaan met de bingo en een kop koffie gedronken.
Kamer opgeruimd, bel binnen handbereik.
Port-a-cath aangeprikt, bloedt goed terug.
Foley vervangen, charrière {n 12 18}.
Huilt soms, mist thuis, luisterend oor geboden.
Graag morgen de ogen druppelen, flesje ligt in de koelkast.
Barthel {n 4 19}/20.
Haldol niet nodig gehad.
Katz en valrisico ingevuld, geen acties.
"""),
    # Mental care.
    "mind": lines("""
Stemming somber, affect vlak, geen suïcidale gedachten of plannen.
Het denken is coherent, geen aanwijzingen voor wanen of hallucinaties.
Bewustzijn helder, aandacht goed te trekken en te behouden.
Er is een vermoeden van een stoornis van Asperger, nader onderzoek volgt.
Kenmerken van Gilles de la Tourette met motorische tics.
Het syndroom van Korsakov werd eerder uitgesloten.
Start EMDR volgens protocol, {n 6 12} sessies.
Sertraline verhoogd naar {n 75 150} mg, lithiumspiegel {x 0 1} mmol/l.
Crisisplan is doorgesproken en ondertekend.
De GAF-score wordt geschat op {n 40 70}.
Op de Beck Depression Inventory een score van {n 12 38}.
Cliënt oogt verzorgd en maakt goed contact.
De doelen van het afgelopen kwartaal zijn deels behaald.
Er is dagbesteding voor drie dagdelen per week.
De nachten blijven moeilijk, nachtmerries ongeveer {n 2 5} keer per week.
Middelen: cannabis dagelijks, alcohol in het weekend.
Volgende keer verder met de tijdlijn.
"""),
    # Letters of the government and of firms.
    "civil": lines("""
Wij hebben uw aanvraag in goede orde ontvangen.
De beslistermijn bedraagt acht weken en kan eenmaal worden verlengd.
Op grond van artikel {n 2 7}:{n 10 89} van de Algemene wet bestuursrecht stellen wij u in de gelegenheid te reageren.
Uit de overgelegde stukken blijkt niet dat sprake is van bijzondere omstandigheden.
De bijstandsnorm voor een alleenstaande is van toepassing.
U voldoet niet aan de voorwaarden van artikel {n 11 40} van de Participatiewet.
De Wet maatschappelijke ondersteuning gaat uit van eigen kracht en het sociale netwerk.
De kosten komen niet voor vergoeding in aanmerking.
Het bedrag van {euro} wordt in termijnen verrekend.
De eigen bijdrage is {euro} per maand.
Bent u het niet eens met dit besluit, dan kunt u binnen zes weken bezwaar maken.
Het indienen van bezwaar schort de werking van dit besluit niet op.
Het bouwplan past binnen het bestemmingsplan.
De welstandscommissie heeft positief geadviseerd.
Tijdens de inzage zijn geen zienswijzen ingediend.
Vul het formulier volledig in en stuur kopieën mee.
Stuur nooit originele bewijsstukken.
Houd er rekening mee dat de behandeling enige tijd kan duren.
Wij gaan zorgvuldig om met uw gegevens, zoals de AVG voorschrijft.
Het college van burgemeester en wethouders heeft hiertoe besloten.
Aan deze brief kunnen geen rechten worden ontleend.
De vergunning vervalt als er niet binnen {n 1 3} jaar van gebruik is gemaakt.
U hoeft verder niets te doen.
De wachttijd is op dit moment ongeveer {n 3 20} weken.
In de Wet Bibob staat welke gegevens wij mogen opvragen.
De hoorcommissie acht het bezwaar ontvankelijk maar ongegrond.
Er is geen sprake van strijd met het vertrouwensbeginsel.
De draagkracht is berekend volgens de Trema-normen.
De regeling geldt tot een inkomen van {n 110 150} procent van het minimum.
"""),
    # Schools, neighbourhoods, families.
    "care": lines("""
De sfeer in huis is gespannen, maar er is voldoende basisveiligheid.
Ouders zijn gescheiden en communiceren moeizaam.
Op school gaat het de laatste weken beter.
Het werktempo ligt laag en de concentratie is wisselend.
De Cito-score voor rekenen is een {n 1 4}, begrijpend lezen blijft achter.
Op de WISC een totaal IQ van {n 76 124} met een disharmonisch profiel.
Er zijn schulden van ongeveer {n 4 40} duizend euro.
De woning is schoon en opgeruimd, de koelkast gevuld.
Afgesproken is om het gezinsplan over {n 6 12} weken te evalueren.
Het netwerk is klein en er is weinig steun van familie.
De leerling gebruikt een laptop met voorleessoftware.
Verzuim is besproken en de afspraken staan in het plan.
Er is toestemming om informatie op te vragen.
Bij spanning trekt hij zich terug of wordt hij boos.
In de klas zijn vaste plekken en een dagplanning ingevoerd.
De verhuizing heeft veel onrust gegeven.
Vrijwilligerswerk zou een goede stap zijn.
De taaltoets op niveau A2 is gehaald.
Voor de zomer komt er een nieuw gesprek met alle betrokkenen.
De bewindvoerder keert wekelijks leefgeld uit.
"""),
    # People who speak.
    "talk": lines("""
Nou ja, je gaat gewoon door, hè.
Ik dacht eerst dat het vanzelf over zou gaan.
Dat was echt een rottijd, eerlijk gezegd.
En dan zit je daar in zo'n wachtkamer en niemand zegt iets.
(lacht) Ja, dat kun je wel zeggen.
Ik heb toen maar weer een taxi genomen.
Kunt u daar iets meer over vertellen?
En hoe was dat voor u?
Ze luisterden wel, maar er gebeurde niks.
Toen kwam corona en lag alles stil.
Je moet alles drie keer uitleggen, elke keer iemand anders.
Ik wil gewoon weer werken, snap je.
Mijn moeder zei altijd: wie niet klaagt, krijgt niks.
(stilte) Dat weet ik niet meer precies.
Het eten was trouwens prima.
En toen zei hij: dat hebt u toch zeker zelf in de hand.
Op een gegeven moment ben je het zat.
"""),
    # E-mails among those who work somewhere.
    "desk": lines("""
Kun je hier even naar kijken als je tijd hebt?
Excuus voor de late reactie, het was druk.
Ik zet het op de agenda van het teamoverleg.
De printer op de derde verdieping doet het weer.
Alvast bedankt en een fijn weekend.
Bij vragen hoor ik het graag.
Zie bijlage, graag voor het eind van de week akkoord.
De roosters staan vanaf nu in het nieuwe systeem.
Vergeet niet de uren goed te keuren.
Het overleg van donderdag gaat niet door.
Wil je dit vertrouwelijk behandelen?
De audit volgens NEN 7510 is goed verlopen.
Ik ben er woensdag niet, donderdag weer wel.
De levering van Baxter en Philips is vertraagd.
De cursus Word en Excel zit vol.
"""),
    # Things with figures and capitals that are nobody's.
    "trap": lines("""
Zie protocol VP-{n 100 900}, versie {n 1 9}.{n 0 9}, paragraaf {n 2 9}.{n 1 9}.
Lotnummer op de verpakking gecontroleerd.
Kamer {n 1 4}.{n 10 60}, bed {n 1 4}.
Doseerschema: 1-0-1-0, bij misselijkheid halveren.
Toets p = 0,0{n 1 4}, n = {n 40 900}, 95%-BI {x 0 1}-{x 1 3}.
Norton-schaal en de visueel analoge schaal zijn afgenomen.
ASA-klasse {n 1 3}, Mallampati {n 1 3}, geen losse tanden.
De Europese richtlijn en de handreiking van de beroepsgroep zijn gevolgd.
Het Duitse en het Belgische onderzoek wijzen dezelfde kant op.
De Siemens-scanner was in storing, uitgeweken naar de Philips.
Berekend volgens Cockcroft-Gault, {n 30 90} ml/min.
De formule van Parkland is aangehouden bij de brandwonden.
Met Pasen en Kerst gelden andere tijden.
Artikel {n 5 30}, lid {n 1 4}, onder b, is van toepassing.
Volgens de lijst van Lareb een zeldzame bijwerking.
Bloedgroep O rhesus D positief, irregulaire antistoffen negatief.
Kweek: S. aureus, gevoelig voor flucloxacilline.
Vaccinatie met Comirnaty, Mantoux negatief.
Behandeld door de orthopedisch chirurg en de revalidatiearts.
Spoedeisende Hulp, triage volgens Manchester: geel.
"""),
}
