"""The institutions of the half `blind`, all invented, of the kinds that stand in Dutch letters; and its domains."""
from lists import lines, words

HOSPITALS = lines("""
Ziekenhuis Merwedestroom
Sint Servaas Gasthuis
Medisch Centrum Waterlinie
Streekziekenhuis De Graafschap
het Oosterdiep Ziekenhuis
Universitair Medisch Centrum Noordrand
Sint Barbara Ziekenhuis
het Wilhelmus Gasthuis
Ziekenhuisgroep Tweestromen
Maasduin Medisch Centrum
Kinderziekenhuis De Libel
Oogkliniek Het Venster
het Juliana van Stolberg Ziekenhuis
Diaconessenhuis Eemdal
Ziekenhuis Zeeuwse Stromen
Longcentrum Bergzicht
Revalidatiecentrum De Vlonder
MC Hogeveld
ZH Gouwerijn
MCW
ZGT-Zuid
OLV Dommeloord
SGM
de Nieuwe Vechtkliniek
Radiotherapiegroep IJsselmond
Dialysecentrum Zaanoever
Orthopedisch Centrum Rozendaal
St. Jozef
het Lambertus
""")

PRACTICES = lines("""
huisartsenpraktijk De Linde
Huisartsenpraktijk Slotervaart-Oost
huisartsenpraktijk Koperwiek
Gezondheidscentrum De Akker
gezondheidscentrum Overvecht-Noord
HAP Kromme Rijn
huisartsenpost Midden-Peel
Medisch Centrum 't Veer
""")

PHARMACIES = lines("""
Apotheek Zonneweide
Dorpsapotheek Lierop
Apotheek De Eenhoorn
""")

HOMES = lines("""
Verpleeghuis De Hooge Brink
verpleeghuis Sint Anna
Woonzorgcentrum Rustenburcht
Zorgcentrum Avondzon
Hospice De Lichtboei
Bartiméa Wonen
Zorggroep Elzenhagen
Amarijn
De Zijlen-West
""")

MINDS = lines("""
GGZ Rijnvaart
Parnassos Jeugd
Stichting Anker Verslavingszorg
Psychologenpraktijk Binnenhaven
Jeugdzorg Zeggenschap
Viersprong Kliniek
Cordes Zorg
""")

CARE = lines("""
Thuiszorg Rivierenland
Buurtteam Wijkzorg Oost
ThuiszorgPlus Twente
Centrum voor Jeugd en Gezin Waddenkust
GGD Beide Maasoevers
Verloskundigenpraktijk Ooievaar & Co
Fysiotherapie Van Houtum
Fysio Centrum Zuid
Tandartspraktijk Brandhof
Kraamzorg De Wieg
Logopediepraktijk Spraakwater
Diagnostisch Centrum Lekstroom
Laboratorium Medilon
Trombosedienst Veluwerand
Ambulancedienst Hollands Duin
Regionale Ambulancevoorziening Drechtoevers
Stichting Humanitas Dagopvang De Boog
Stichting Thuisbasis
Polikliniek Mondzorg Noorderpoort
Revant Zeeland
Palet Vrijwilligers
""")

SCHOOLS = lines("""
basisschool Het Kompas
basisschool De Vuurvlinder
obs De Meerpaal
OBS 't Startblok
cbs De Ark
CBS Willem van Oranje
rkbs Sint Bavo
Montessorischool De Eik
IKC Waterwijs
sbo De Springplank
Islamitische basisschool Al Amal
kinderdagverblijf Dikkie Duim
KDV De Speeldoos
BSO De Boomhut
peuterspeelzaal Hummelhof
Vrije School De Zonnewende
""")

COLLEGES = lines("""
Lyceum Sint Odulfus
Stedelijk Gymnasium Coornhert
Christelijk College De Hoven
Groene Lyceum Noord
scholengemeenschap Melanthon-Zuid
Praktijkschool De Brug
vso De Waterlelie
""")

ACADEMIES = lines("""
ROC Rijnland
ROC De Koepel
mbo Terra Nova
Hogeschool Maasland
Hogeschool voor Techniek en Zorg
Universiteit Noord-Nederland
""")

LAWYERS = lines("""
Advocatenkantoor Steenhuis Van Rijn
Van Wessem Advocaten
Notariskantoor Kuyper & Bax
Hoekzema & Partners advocaten
Sociaal Advocatenkantoor De Waag
""")

LANDLORDS = lines("""
Woningstichting Goed Wonen Peelrand
woningcorporatie Ons Dak
Woonstichting Maasvallei
Bruin Vastgoed Beheer
""")

GUARDIANS = lines("""
Bewindvoering Balans
Schuldhulp Noord-Veluwe BV
Budgetbeheer De Pijler
Kracht in Geld B.V.
""")

INSURERS = lines("""
Zorgverzekeraar Noordermeer
Zuiderling Verzekeringen
Onderlinge Waarborg De Polder U.A.
""")

CLUBS = lines("""
Stichting Speeltuin Oranjepark
voetbalvereniging SV Houtdam
VV De Treffers '38
Stichting Leergeld Land van Cuijk
Moskee Al Fath
Protestantse Gemeente De Bron
Voedselbank Vallei
Kringloop Het Goed Hart
""")

FIRMS = lines("""
Bakkerij Van Dalen B.V.
Jansen & Zn. Transport BV
Bouwbedrijf Gebr. Teunissen
Autobedrijf Kempenland
Schildersbedrijf Hofstee
Incassobureau Vesting
Administratiekantoor Vlot
Taxi Centrale De Meierij
Rijschool Groen Licht
Uitzendbureau Snelwerk
TechnoFlex Uitzend B.V.
Slagerij Boon
Supermarkt Vershof
Garage Oostindien
Kapsalon Haarfijn
Kwekerij De Zonnebloem
Hoveniersbedrijf Loof & Lommer
Nedervaart Logistics
Metaalbedrijf Vulcanus
Arbodienst Fitwerk
ArboZuid
Restaurant De Gouden Karper
Café 't Hoekje
Sociale werkvoorziening Werkpad
""")

# {place} stands for a place: the whole is the institution's name.
OFFICES = lines("""
gemeente {place}
Gemeente {place}
gemeente {place}
Gemeente {place}
politie {place}
rechtbank {place}
Sociale Dienst {place}
Sociaal Wijkteam {place}-Noord
Veiligheidshuis {place}
Omgevingsdienst Rivierenkwartier
Werkbedrijf Lager Land
Waterschap Vallei en Eem
ISD Boven-IJssel
Werkplein Hart van de Streek
Regionale Belastinggroep Delfland-Zuid
Jeugdbescherming Oostmark
Stadsbank Kromwijk
Bibliotheek {place}
""")

MAILS = words("""gmail.com gmail.com hotmail.com hotmail.nl outlook.com live.nl ziggo.nl kpnmail.nl planet.nl xs4all.nl home.nl hetnet.nl
    icloud.com yahoo.com telfort.nl online.nl casema.nl protonmail.com""")
WORK_MAILS = words("""merwedestroom.nl stservaas.nl mcwaterlinie.nl oosterdiepziekenhuis.nl umcnoordrand.nl delinde-huisartsen.nl
    ggzrijnvaart.nl avondzon.nl zorggroep-elzenhagen.nl obshetkompas.nl odulfus.nl rocdekoepel.nl wijkteamnoord.nl lagerland.nl
    goedwonenpeelrand.nl vanwessemadvocaten.nl bewindvoeringbalans.nl stadhuis-kromwijk.nl fitwerk.eu noordermeer.nl hs-maasland.nl""")
BOXES = words("""info receptie balie assistente secretariaat.interne poli.longziekten bezwaar administratie zorgadministratie receptenlijn
    privacy klachtenfunctionaris planning opname noreply wmo werkeninkomen leerlingzaken fg post""")
SITES = words("""www.merwedestroom.nl www.delinde-huisartsen.nl mijn.avondzon.nl www.ggzrijnvaart.nl zorgvoornoord.nl www.wijkteamnoord.nl
    loket.lagerland.nl www.hs-maasland.nl odulfus.nl www.fitwerk.eu afspraak.oogklinievenster.nl www.speelvogel.org""")
PATHS = words("""/ /contact /afspraak-maken /folder/diabetes /mijn-dossier /bezwaar /inloggen /wmo/aanvraag /patienten/voorbereiding-ct
    /vacatures/2024 /downloads/machtiging.pdf /q?id=8812&lang=nl""")
