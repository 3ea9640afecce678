"""The word lists of the half `test`, from general knowledge; other words than those of `dev`. Authors of detectors do not read this file."""
from lists import lines, people, words

PEOPLE = {
    "dutch": people(
        50,
        """Johannes Jacob Roelof Gerard Peter Rob Ronald Marco Erik Bas Tim Lars Luuk Sem Finn Milan Jurre Harm Albert Ton Cor Jos Rien Wesley Dennis
        Kevin Patrick Richard Michiel Rutger Barend Aart Gerardus Wilhelmus Petrus Franciscus Egbert Hubertus Lodewijk Diederik Reinier Melchior Boudewijn
        Jorrit Thijmen Mats Jurriaan Aldert Ewoud Marijn Siem Wolter Ubbo Gijsbert Ferdinand Carel Bartholomeus""",
        """Elisabeth Margaretha Catharina Monique Yvonne Linda Anja Marja Gerda Thea Wil Jannie Ineke Joke Mieke Marjolein Nienke Anouk Tessa Mila Nora
        Saar Zoë Isa Roosmarijn Evelien Daphne Kim Manon Aagje Gerrie Hennie Coby Dirkje Marijke Henriëtte Antonia Geertruida Petronella Alida Hillegonda
        Floortje Jolijn Myrthe Sterre Madelief Josephine Rosalie Annelies Jorinde Mechteld Godelieve Swaantje Harmke Wendelien Zwaantje""",
        """de Jong, van Gelder, Meyer, van der Heide, de Bruin, Hermans, van Dam, Kramer, de Bruijn, van den Broek, Vermeer, Schipper, Evers, van Rooij, Driessen,
        de Leeuw, van Loon, Verbeek, Timmermans, Wouters, van den Brink, van der Velde, Huisman, Bouwman, Lammers, Admiraal, de Ruiter, van Os,
        Kuiper, Hermsen, Geurts, Cornelissen, van der Heijden, Bekker, Molenaar, van Es, van Doorn, Verheul, de Ridder, van 't Hoff, in der Rieden, ter Beek, op 't Land,
        van der Ploeg, Nagtegaal, Zandbergen, Kouwenhoven, Ruijgrok, Koppejan, Hazelhoff, Sterrenburg, Uittenbogaard, van Lieburg, Ditvoorst, Kerssemakers,
        Blokzijl, Noteboom, Vreugdenhil, Stoffelen, Droogendijk, van Haaften, Bloemendaal, Wijnands, Goudriaan, Tetteroo, Kraaijeveld, Schrijver, Kwakernaak,
        Ossewaarde, de Keijzer, Lambregts, Das, de Keizer, Wever, Snoek, Zwart, Haan, Baas, Bloemen, Engel, van Beek, Hamer, Kuijt, Zand, Hoeve, Spaan,
        van den Nieuwenhof, van Kooten, Pronk, Rosier, Tazelaar, Bongers, Zuurmond, Strijbosch, Bijkerk, Brantsma, van der Zwaan, Oldenhof"""),
    "frisian": people(
        7,
        "Jouke Sybren Harmen Ids Wytze Tsjalling Hylke Eelke Meindert Sikke Atse Minne Rommert",
        "Anneke Jikke Ymkje Sietske Tryntsje Reinskje Maaike Akke Gelske Boukje Idske Wietske",
        """Postmus, Bergsma, Visserman, Sijtsma, Wielinga, Kingma, Dykstra, Faber, Nauta, Veenstra, Elzinga, Heeringa, Talsma, Riemersma, van der Woude, Sybrandy,
        Tamminga, Oosterhof, Ypma, Brandsma"""),
    "surinamese": people(
        8,
        "Dave Ricardo Ashwin Soerin Kenneth Errol Chander Rishi Jerrel Marlon Dwight Romano",
        "Maureen Sandhya Joyce Usha Rita Sabitrie Claudette Jennifer Radha Henna Eunice Roshni",
        "Gobardhan, Ramlal, Tjon, Kalpoe, Bihari, Boedhoe, Wijdenbosch, Resida, Eersel, Sabajo, Jhinkoe, Mahabier, Tjong-Ayong, Lie A Fat, Verwey, Aloema"),
    "turkish": people(
        8,
        "Osman Süleyman Erdal Volkan Onur Barış Tuncay Halil Recep Ufuk Selim Erkan",
        "Ayten Gülsüm Leyla Büşra Şerife Nermin Hülya Sibel Tuğba Yasemin Havva Dilek",
        "Aksoy, Polat, Erdoğan, Kılıç, Çetin, Taş, Korkmaz, Aslan, Bozkurt, Tekin, Güler, Yalçın, Sarı, Keskin, Uçar, Türkmen"),
    "moroccan": people(
        9,
        "Mounir Anass Abdelkader Jamal Mimoun Tarik Ismail Fouad Lahcen Soufiane Redouan Hicham",
        "Hanan Karima Yasmina Loubna Fadoua Najat Mina Siham Chaima Oumaima Wafae Imane",
        "el Haddad, Amezian, Bakkali, el Ouazzani, Benhaddou, Mokhtari, Ziani, el Morabet, Aarab, Belhaj, Oulad Ali, Daoudi, el Fassi, Sabri, Tounsi, Akhazzan"),
    "polish": people(
        6,
        "Andrzej Stanisław Rafał Mateusz Dariusz Sławomir Jakub Bartosz Leszek",
        "Joanna Barbara Iwona Halina Aneta Renata Wiesława Jolanta Danuta",
        "Lewandowski, Dąbrowska, Jankowski, Kaczmarek, Sobczak, Wróbel, Nowicka, Jabłoński, Majewska, Gajda, Czerwiński, Stępień"),
    "antillean": people(
        6,
        "Gregory Shurwin Raymundo Angelo Etienne Quincy Ruviën Felipe",
        "Marugia Suhaila Thaïs Shahaira Aleida Norka Xiomara Elvira",
        "Martis, Rosaria, Koeiman, Jansen-Doran, Sillé, Felicia, Girigorie, Lourens, Ricardo, Cicilia, Werleman, Semerel"),
    "german": people(
        6,
        "Hartmut Rainer Jörg Siegfried Manfred Lutz Heinz Detlef",
        "Hannelore Gerlinde Elfriede Sabine Waltraud Anneliese Ulrike",
        "Wagner, Becker, Schröder, Neumann, Krause, Vogel, Jäger, von Bülow, Böhm, Lang, Scholz, Pfeiffer, Stein, von der Leyden"),
}

# Parts of family names that are in nobody's list.
FRONTS = words("Brem Ooster Eike Klooster Molen Raven Stap Boeken Linden Keller Groene Buiten Haver Noorder Ratel Pijpen Vossen Kleve Lode Mars")
BACKS = words("brink dijks sma huis inga broek meijer stein borg vaart mond weert bosch hove sloot beke ringh stede")

STREETS = lines("""
    Hoofdstraat
    Schoolstraat
    Kastanjelaan
    Raadhuisplein
    Keizersgracht
    Emmastraat
    Burg. van Hellenberglaan
    Nieuwstraat
    Haarlemmerdijk
    Westersingel
    Laan van Meerdervoort
    Oranjestraat
    Jacob van Lennepkade
    Prof. Lorentzlaan
    Kapelweg
    Tweede Jan Steenstraat
    Zandpad
    Hertogenlaan
    Vogelzang
    Kleine Berg
    Ganzenhof
    Koningin Emmakade
    Schaepmanlaan
    Kromme Nieuwegracht
    Langestraat
    St. Antoniusstraat
    Veerdam
    Marktplein
    Voorstraat
    Achterom
    Boterdiep
    Bosdreef
    Noordeinde
    Waldeck Pyrmontsingel
    De Ruyterkade
    Gasthuissteeg
    Meester Arendstraat
    Plantage Muidergracht
    Oud-Loosdrechtsedijk
    Heuvelring
""")

CITIES = words("""Maastricht Zaandam Hilversum Venlo Gouda Purmerend Spijkenisse Vlaardingen Schiedam Zoetermeer Lelystad Almelo Helmond Katwijk Hengelo Doetinchem
    Tiel Veenendaal Zeist Nieuwegein Harderwijk Kampen Meppel Stadskanaal Veendam Winschoten Leeuwarden Franeker Harlingen Bolsward Joure Steenwijk Hardenberg
    Oldenzaal Haaksbergen Borculo Wageningen Rhenen Houten Leerdam Waalwijk Oosterhout Rijen Valkenswaard Deurne Panningen Roermond Heerlen Hulst Zierikzee
    Brielle Sliedrecht Rijswijk Voorburg Noordwijk Hillegom Castricum Schagen Texel Urk Weesp Zwanenburg Wormerveer""") + [
    "Heeze", "Krimpen aan den IJssel", "Sint-Michielsgestel", "Noord-Scharwoude", "Den Burg", "Hendrik-Ido-Ambacht", "Nieuwerkerk aan den IJssel",
    "Budel-Schoot", "'s-Gravenzande", "Sint Maartensdijk", "Ter Apel", "Bad Nieuweschans", "Oranjestad", "Nieuw-Nickerie", "De Meern", "Loon op Zand"]

HOSPITALS = lines("""
    UMCG
    Maastricht UMC+
    Reinier de Graaf Gasthuis
    Deventer Ziekenhuis
    OLVG
    Máxima MC
    Elisabeth-TweeSteden Ziekenhuis
    het Slingeland Ziekenhuis
    Meander Medisch Centrum
    Ikazia Ziekenhuis
    VieCuri
    Antoni van Leeuwenhoek
    Diakonessenhuis
    het Bravis ziekenhuis
    Treant Zorggroep
    Ziekenhuisgroep Twente
    Amphia
    Maasstad Ziekenhuis
    Prinses Máxima Centrum
    Canisius Wilhelmina Ziekenhuis
""")
SCHOOLS = lines("""
    basisschool De Vlinder
    obs 't Palet
    Christelijk Lyceum Zeist
    Summa College
    Hanzehogeschool
    de Rijksuniversiteit Groningen
    Saxion
    pcbs De Rank
    Montessorischool Oost
    peuterspeelzaal Dribbel
""")
CARE = lines("""
    GGZ Drenthe
    verpleeghuis De Beukenhof
    huisartsenpraktijk Zuiderpoort
    woonzorgcentrum Avondlicht
    Buurtzorg Zeist
    GGD Haaglanden
    Arkin
    Apotheek Zuid
    Adelante Revalidatie
    hospice Kuria
    Mondriaan
    huisartsenpost Gooi
    fysiotherapiepraktijk Beweegpunt
    stichting Humanitas DMH
    Dimence
    tandartspraktijk Lachebekje
""")
INSURERS = ["Interpolis", "FBTO", "Univé", "Ditzo", "a.s.r.", "De Friesland", "Zorg en Zekerheid", "IZA"]
FIRMS = lines("""
    Tata Steel
    Jumbo
    Aannemersbedrijf Timmermans & Zn.
    ING
    DAF Trucks
    Coolblue
    Tempo-Team
    Garage Kuijpers
    Installatiebedrijf De Jong VOF
    woningstichting Haag Wonen
    Stichting Leergeld
    politie Haaglanden
    rechtbank Midden-Nederland
    Leger des Heils
    Kwekerij Bloemendaal
""")
INSTITUTIONS = HOSPITALS + SCHOOLS + CARE

DOMAINS = words("gmail.com hotmail.nl icloud.com upcmail.nl casema.nl online.nl caiway.net yahoo.com tele2.nl student.example.edu")
SITES = words("zorgverband-west.nl gezondheidscentrum-es.nl sociaalteamzuid.nl werkenbijons.example.org gemeenteloket.info revalidatie.example.nl jeugdzorgplein.nl")
MAILBOXES = words("contact servicedesk patientenvoorlichting poli-neuro jz klantcontact p.o.zaken postbus vraagbaak m.vdberg griffie aanmelding+nieuw")

LISTS = {
    "klacht": lines("""
        pijn rechts onder in de buik
        dyspnoe d'effort
        aanhoudende keelpijn
        krachtsverlies in de linkerarm
        een gezwollen enkel
        koorts zonder focus
        palpitaties
        visusklachten
        bloed bij de ontlasting
        obstipatie
        tintelingen in beide handen
        piekeren en slecht slapen
        een trauma van de schouder
        recidiverende valpartijen
    """),
    "ziekte": lines("""
        ziekte van Kahler
        morbus Crohn
        syndroom van Down
        non-Hodgkinlymfoom
        diabetes type 1
        hartfalen NYHA III
        ziekte van Paget
        ziekte van Hashimoto
        polymyalgia reumatica
        boezemfibrilleren
        syndroom van Tourette
        ziekte van Von Willebrand
        Parkinsonisme
        roos
        psoriasis
        ziekte van Addison
        tetralogie van Fallot
        ziekte van Perthes
        Asperger
        Quervain tendinitis
        ziekte van Wilson
        syndroom van Korsakov
        gordelroos
        prostaatcarcinoom Gleason 7
        Bartholinische cyste
    """),
    "middel": lines("""
        bisoprolol
        Plavix
        Humalog
        omeprazol
        Tramadol
        Temazepam
        hydrochloorthiazide
        Eliquis
        gliclazide
        Seretide
        dexamethason
        Augmentin
        levothyroxine
        sertraline
        Ritalin
        OxyContin
        rosuvastatine
        Mirena
    """),
    "vak": words("hematologie reumatologie oogheelkunde plastische-chirurgie nefrologie oncologie psychiatrie kindergeneeskunde revalidatie anesthesiologie"),
    "specialist": lines("""
        hematoloog
        reumatoloog
        oogarts
        plastisch chirurg
        nefroloog
        oncoloog
        psychiater
        kinderarts
        revalidatiearts
        anesthesioloog
        verpleegkundig specialist
        ANIOS
        physician assistant
        specialist ouderengeneeskunde
        bedrijfsarts
    """),
    "beroep": words("slager kuiper metselaar docente postbode magazijnmedewerker tuinman kelner koster programmeur jager advocaat stucadoor bloemist"),
    "relatie": words("man vrouw schoonzus oom tante kleinzoon nicht"),
}
