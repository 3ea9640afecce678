"""The word lists of the half `dev`, from general knowledge. None of them was taken from, or compared with, a list of the detectors."""
from lists import lines, people, words

PEOPLE = {
    "dutch": people(
        52,
        """Jan Pieter Kees Henk Willem Gerrit Hans Bert Joost Maarten Sander Thijs Daan Bram Ruud Wouter Jeroen Martijn Frits Cornelis Adriaan Hendrik
        Theo Wim Koos Leo Piet Niels Stijn Tijmen Jasper Floris Casper Guus Teun Siebe Evert Dirk Arie Teunis Lambertus Nico Rinus Sjaak Toon Gijs
        Olivier Levi Noud Jelmer Roderick Berend Wiebren Marinus Engelbert Krijn Huib Leendert""",
        """Maria Anna Johanna Els Truus Ria Wilma Ingrid Marieke Annemieke Sanne Femke Lotte Eva Julia Emma Sophie Lieke Fleur Roos Iris Bloem Willemijn
        Corrie Greet Nel Bep Ans Toos Riet Tineke Hanneke Marloes Esther Judith Karin Petra Saskia Mirjam Geertje Hendrika Wilhelmina Cornelia Adriana
        Jacoba Dieuwertje Fenna Puck Jette Merel Noor Liesbeth Jannigje Neeltje Aaltje Trijntje Pleuni Machteld""",
        """de Vries, Jansen, van den Berg, Bakker, van Dijk, Visser, Janssen, Smit, Meijer, de Boer, Mulder, de Groot, Bos, Vos, Peters, Hendriks,
        van Leeuwen, Dekker, Brouwer, de Wit, Dijkstra, Smits, de Graaf, van der Meer, Kok, Jacobs, van der Linden, Vermeulen, van den Heuvel, van der Veen,
        Schouten, Willems, Hoekstra, Koster, van Vliet, Verhoeven, Maas, Prins, Kuipers, Scholten, Bosch, Peeters, van Wijk, Postma, Martens, Blom,
        Wolters, Post, Jonker, Gerritsen, Bloem, Mol, van 't Hof, in 't Veld, van der Wal, ten Have, ter Horst, te Riele, op den Kamp, Koning, Vink, de Lange,
        Groenewegen, Oudshoorn, Kloosterman, Wagenaar, Roelofs, Hofstede, van Zanten, Boomgaard, Nieuwenhuijzen, Steenbergen, Achterberg, Kranenburg,
        van Ravenswaaij, Quispel, Lijnse, Veldhuijzen, Tromp, Schaap, Haverkort, Zegwaard, van der Knaap, Wieringa, Paalvast, van Eijk, Ouwehand,
        de Bruijne, Slingerland, van Oosterhout, Rook, Wit, Roos, de Haas, Zomer, Winter, van Houten, Klomp, Pot, Kraan, Bril, Spijkers"""),
    "frisian": people(
        7,
        "Sietse Wiebe Tjeerd Hessel Folkert Jelle Sjoerd Douwe Rienk Ype Oeds Fokke Anne Bauke Durk Gosse Haije Klaas",
        "Sjoukje Froukje Wytske Aukje Baukje Tjitske Hiske Nynke Foekje Grietje Jeltje Doutzen Ytsje Hinke Renske",
        """Hoekema, Terpstra, Wiersma, Zijlstra, Bouma, Sikkema, Tuinstra, Feenstra, Hofstra, Boersma, Reitsma, Haanstra, Dijksma, Jellema, Osinga, van der Zee,
        Bijlsma, Tolsma, Algra, Hettinga, Kooistra, Rypma, Sinnema"""),
    "surinamese": people(
        8,
        "Romeo Clyde Rakesh Dewanand Ruben Wensley Sunil Orlando Stanley Radjesh Humphrey Imro Winston Glenn",
        "Sharmila Chantal Astrid Lilian Anoushka Shanti Ruth Carmen Priya Soeradj Muriel Ilse Yvette Devika",
        "Ramdin, Sewnath, Kromosoeto, Pinas, Bhagwandas, Jagroep, Ramautar, Mangal, Sital, Amatdjais, Doorson, Vreden, Landveld, Kartosen, Ganpat, Biharie, Misidjan, Pengel"),
    "turkish": people(
        8,
        "Mehmet Mustafa Ahmet Ali Hasan Emre Murat Yusuf Ibrahim Hakan Kemal Serkan Burak Cem",
        "Fatma Ayşe Emine Hatice Zeynep Elif Meryem Özlem Gülay Sevgi Nurcan Songül Derya Esra",
        "Yilmaz, Kaya, Demir, Şahin, Çelik, Yıldız, Öztürk, Aydın, Arslan, Doğan, Koç, Kurt, Özdemir, Karataş, Güneş, Bulut, Avcı, Ünal"),
    "moroccan": people(
        9,
        "Mohammed Youssef Hamza Rachid Karim Abdellah Brahim Said Omar Khalid Noureddine Bilal Ayoub Driss",
        "Fatima Khadija Naima Samira Latifa Malika Nadia Rachida Salma Hafida Ikram Zohra Btissam Souad",
        "el Amrani, Bouzid, Benali, el Idrissi, Haddou, Azzouzi, Chaoui, el Yaakoubi, Ouali, Bensalah, ait Hamou, el Khattabi, Tahiri, Boukhari, el Mansouri, Zaoui, Lahlou"),
    "polish": people(
        6,
        "Piotr Krzysztof Tomasz Marcin Grzegorz Wojciech Paweł Jarosław Zbigniew Łukasz",
        "Agnieszka Katarzyna Małgorzata Ewelina Beata Zofia Dorota Magdalena Urszula Kinga",
        "Kowalski, Nowak, Wiśniewski, Wójcik, Kamiński, Zieliński, Szymański, Woźniak, Mazur, Krawczyk, Piotrowski, Grabowski, Pawlak"),
    "antillean": people(
        5,
        "Elvis Rignald Shurendy Gilmar Jandino Edsel Randolph Ruthsel",
        "Sharlaine Mirugia Nathaly Zulaika Ludwina Rianne Jurnelly Migdalia",
        "Martina, Maduro, Croes, Isenia, Wernet, Tromp, Kelly, Winklaar, Geerman, Hooi, Curiel, Sambo"),
    "german": people(
        5,
        "Jürgen Helmut Wolfgang Günther Klaus Dieter Uwe Matthias",
        "Ursula Gisela Helga Ingeborg Renate Monika Brigitte Heike",
        "Müller, Schmidt, Schneider, Fischer, Weber, von Hagen, Hoffmann, Schäfer, Zimmermann, Krüger, Lehmann, Köhler, von der Heide"),
}

# Parts of family names that are in nobody's list.
FRONTS = words("Hazel Wester Olden Kruis Meulen Zwanen Krommen Bree Vlier Klaver Tegel Roden Uitter Heem Langer Schoor Nijen Wolfs Donker Appel")
BACKS = words("burg kamp horst stra huizen berg veld mans hoek wijk hagen ink donk voort laar drecht schot kerk")

STREETS = lines("""
    Dorpsstraat
    Kerkstraat
    Molenweg
    Stationsweg
    Julianalaan
    Wilhelminaplein
    Prinsengracht
    Burgemeester Tellegenlaan
    Oude Haven
    Lange Voorhout
    de Lange weg
    Nieuwe Rijn
    Korte Hoogstraat
    Singel
    Van Speykstraat
    Jan van Galenstraat
    Dr. Schaepmanstraat
    Pastoor Clercxstraat
    Graaf Florislaan
    Zuiderzeeweg
    Havendijk
    Lindenhof
    Koekoekspad
    Watersteeg
    Beukendreef
    Lijsterbesstraat
    Heiligeweg
    Achter de Kerk
    Sint Jansstraat
    1e Schansstraat
    Grote Markt
    Parallelweg-Oost
    Thorbeckesingel
    Mgr. Nolenspark
    Vossenkade
    Hoge Woerd
    Merelhof
    Spoorlaan
    Oosteinde
    Brink
""")

CITIES = words("""Amsterdam Rotterdam Utrecht Eindhoven Tilburg Groningen Almere Breda Nijmegen Apeldoorn Enschede Haarlem Arnhem Amersfoort Zwolle Leiden
    Dordrecht Ede Delft Deventer Alkmaar Sneek Roosendaal Middelburg Goes Hoorn Assen Emmen Hoogeveen Veghel Oss Weert Venray Zutphen Winterswijk Lochem
    Barneveld Culemborg Gorinchem Woerden Bussum Heerenveen Drachten Dokkum Delfzijl Vlissingen Terneuzen Boxtel Uden Geleen Sittard Kerkrade Oudewater""") + [
    "Den Haag", "'s-Hertogenbosch", "Den Bosch", "Bergen op Zoom", "Alphen aan den Rijn", "Capelle aan den IJssel", "Nieuw-Vennep", "Etten-Leur", "Den Helder",
    "Hoek van Holland", "Sint-Oedenrode", "De Bilt", "Wijk bij Duurstede", "Paramaribo", "Willemstad", "Sint Annaland", "Oude Pekela", "Berkel-Enschot"]

HOSPITALS = lines("""
    Erasmus MC
    Radboudumc
    Amsterdam UMC
    UMC Utrecht
    LUMC
    Medisch Spectrum Twente
    Catharina Ziekenhuis
    St. Antonius Ziekenhuis
    Isala
    Rijnstate
    Franciscus Gasthuis
    Jeroen Bosch Ziekenhuis
    ziekenhuis Gelderse Vallei
    Tergooi MC
    Martini Ziekenhuis
    Spaarne Gasthuis
    Haga Ziekenhuis
    Albert Schweitzer ziekenhuis
    Wilhelmina Ziekenhuis Assen
    Zuyderland
""")
SCHOOLS = lines("""
    basisschool De Regenboog
    obs De Klimop
    Stedelijk Gymnasium
    het Baarnsch Lyceum
    ROC Midden Nederland
    Hogeschool Utrecht
    Universiteit van Tilburg
    cbs De Ark
    scholengemeenschap Were Di
    kinderdagverblijf 't Kwetternest
""")
CARE = lines("""
    GGZ Breburg
    verpleeghuis De Lindenhof
    Huisartsenpraktijk Het Kompas
    woonzorgcentrum Sint Jozef
    thuiszorgorganisatie Carint
    GGD Hart voor Brabant
    Altrecht
    Apotheek De Linde
    revalidatiecentrum De Hoogstraat
    hospice De Winde
    Parnassia
    huisartsenpost Salland
    Fysiotherapie Molenzicht
    Zorggroep Almere
""")
INSURERS = words("CZ Menzis VGZ") + ["Zilveren Kruis", "ONVZ", "DSW", "Achmea"]
FIRMS = lines("""
    Philips
    Albert Heijn
    Bouwbedrijf Heijmans
    Rabobank
    Transportbedrijf Van der Wal
    PostNL
    Randstad
    Schildersbedrijf Jansen B.V.
    Stichting MEE
    woningcorporatie Portaal
    politie Oost-Nederland
    rechtbank Overijssel
""")
INSTITUTIONS = HOSPITALS + SCHOOLS + CARE

DOMAINS = words("gmail.com hotmail.com ziggo.nl live.nl kpnmail.nl outlook.com xs4all.nl planet.nl home.nl")
SITES = words("poliklinieknoord.nl zorgloket-oost.nl wijkteamdelinde.nl ggzvoorbeeld.nl praktijkhetveer.nl sociaaldomein.example.nl apotheekdebrug.nl "
              "mijnzorgdossier.example.com")
MAILBOXES = words("info poli.cardiologie secretariaat klachten wmo.loket hr balie j.devries administratie noreply zorgteam2 afspraken")

LISTS = {
    "klacht": lines("""
        buikpijn
        kortademigheid bij inspanning
        hoofdpijn met lichtflitsen
        moeheid
        lage rugpijn met uitstraling
        pijn op de borst
        een productieve hoest
        hartkloppingen
        duizeligheid
        jeuk en roodheid
        slaapproblemen
        gewichtsverlies
        stemmingsklachten
        misselijkheid en braken
    """),
    "ziekte": lines("""
        ziekte van Parkinson
        ziekte van Crohn
        ziekte van Bechterew
        Hodgkin lymfoom
        diabetes mellitus type 2
        COPD Gold II
        hypertensie
        atriumfibrilleren
        syndroom van Sjögren
        ziekte van Graves
        jicht
        astma
        morbus Dupuytren
        reumatoïde artritis
        ziekte van Alzheimer
        carpaletunnelsyndroom
        syndroom van Guillain-Barré
        Barrett oesofagus
        hypothyreoïdie
        ziekte van Ménière
        fenomeen van Raynaud
        mammacarcinoom links
        de ziekte van Lyme
        Bell's parese
        Pfeiffer
    """),
    "middel": lines("""
        metoprolol
        Ascal
        Lantus
        pantoprazol
        paracetamol
        Oxazepam
        furosemide
        Marcoumar
        metformine
        Ventolin
        prednison
        amoxicilline
        Sintrom
        citalopram
        Concerta
        Fentanyl
        simvastatine
        Roaccutane
    """),
    "vak": lines("""
        interne geneeskunde
        cardiologie
        neurologie
        chirurgie
        orthopedie
        longgeneeskunde
        KNO
        urologie
        dermatologie
        geriatrie
        gynaecologie
        MDL
    """),
    "specialist": lines("""
        internist
        cardioloog
        neuroloog
        chirurg
        orthopedisch chirurg
        longarts
        KNO-arts
        uroloog
        dermatoloog
        klinisch geriater
        gynaecoloog
        MDL-arts
        AIOS interne geneeskunde
        radioloog
        kinderarts
        huisarts
    """),
    "beroep": lines("""
        bakker
        kok
        visser
        timmerman
        verpleegkundige
        vrachtwagenchauffeur
        leraar
        boer
        smid
        kapper
        schilder
        molenaar
        accountant
        schoonmaker
    """),
    "relatie": words("partner zus broer moeder vader dochter zoon"),
}
