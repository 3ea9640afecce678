"""Training text for guesses as JSON Lines: python3 fill.py [TIMES [SEED]] > cases.jsonl

The lines of office.txt, clinic.txt and none.txt, each TIMES times with other names: mostly made up of syllables, so that what is learned is the words around
them. No name is taken from lists of make.py's halves or from the notes by hand. Slots: @V first name, @A family name, @N both, @T initials and
family name, @J initials or a paraph alone, @I institution, @W place, @M drug, @K product or brand,
@X letters that stand for a disease, a law, a test, @D a word of the clinic, @C a
compound of every day. Same arguments, same bytes.
"""
import json
import random
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "deid_notes"))
import hand  # noqa: E402

HEADS = ("B Br D Dr F Fl G Gr H J K Kl Kr L M N P R S Sch Sl Sn St T Tj V Vr W Z").split()
MIDDLES = ("a aa e ee i ie o oo u ui ei oe ou eu ij").split()
JOINS = ("b d f g k l ll m mm n nn nd ng r rd rn rt s st t v z lt ld nk").split()
FIRST_ENDS = ("a e o ie je ke tje an en in on us is el al ine ette ina ana ira it rd s y").split()
LAST_ENDS = ("sma stra ma inga ing ink ers ens sen stra veld huis kamp burg mans man berg horst broek donk wijk hof boer bakker meijer "
             "mulder hoek voort laar loo vis brink kers stok hage haar ikx aerts els aar ert").split()
PLACE_ENDS = ("dam dijk veen veld hoven recht wijk loo drecht berg stad horst hout broek zijl kerk um ingen rade beek mond lo sluis werd").split()
FAR = ("Ab Al Am An As Ba Be Bo Cha Da De Dja Ek Fa Ga Gha Ha Hi I Ja Ka Kha Ki La Le Lu Ma Me Mo Na Ne Ngo Nu O Om Os Ra Re Ro Sa Se Sha "
       "Si So Su Ta Te Thi To U Wa Xi Ya Yo Ze Zu").split()
FAR_MIDDLES = "ba bi da di du fa ga gi ha hi ja ka ki la li lu ma mi mo na ni no ra ri ro sa se shi ta ti to va wa ya za".split()
FAR_ENDS = "n m d h l r s k z t sh li ra na ni mi ko ş ć ń ğlu wicz ski dze ov ova yan ez es ah im in eh".split()
SHORT = "Ab Ad Bo Co Ed Jo Mo Ger Hub Nol Gon Lei Sil Wim Bep Riet Toos Truus Jaap Cor Bas Pim Gijs Teun Mees Roos Storm Wolf Beer Dirk Loes Nel Ine Fé Iet Ko Lam Rik Tys".split()
INTERFIX = "van,de,van de,van der,van den,den,ter,ten,te,el,al,van 't,in 't,op de,ben".split(",")

# Words of houses' names.
FRONT = ("Woon Zorg Thuis Rijn Maas Noord Zuid Oost West Delta Vita Opti Hart Leef Samen Groen Licht Kern Ster Brug Hori Mooi Veld Water Duin Wijd "
         "Goed Vol Eigen Werk Leer Jeugd Buurt Stad Land Fier Trans Inter Medi Care Acti Pro Cura Ami Lente Zonne Bloem Haven Poort Eik Wilg").split()
BACK = ("land werk punt plus kring bron net waard stede hof kracht vast lijn wijs is on um io ra nis ica aar link lander palet cirkel invest huys gilde "
        "baan stap wens aal spoor kompas wonen zorg groep partners").split()
REGION = ("Brabants Haags Limburgs Drents Zeeuws Twents Gelders Fries Gronings Utrechts Hollands Betuws Achterhoeks Veluws Kempisch Rotterdams").split()
GROUP = ("Woonmakers Raadslieden Fonds Lyceum Dagblad Theater Harmonie Koor Archief Museum Kredietunie Zorghuis Atelier Werkplaats Genootschap Collectief").split()
THING = ("Brug Zonnewijzer Kompas Vlinder Regenton Klimop Eikel Springplank Wegwijzer Molen Hoeve Haven Bron Toren Linde Wilg Kastanje Vuurtoren Ark "
         "Horizon Schakel Boog Sleutel Parel Merel Uilenboom Zwaluw Leeuwerik Kikker Egel Vos Steiger Kade Terp Wal Vlieger Spil Driehoek Cirkel Waterlelie "
         "Korenaar Beuk Stroom Zilverreiger Weide Duinpan Vlaskamp Oever Akker").split()
SAINT = ("Antonius Laurentius Elisabeth Lambertus Franciscus Jozef Anna Maria Martinus Nicolaas Joris Barbara Lucia Bernadette Vincentius Bonifatius "
         "Willibrord Catharina Servatius Agnes Ursula Clara Benedictus").split()
KIND = ("Arbo Loopbaanburo Tolkbureau Uitvaartzorg Budgetbeheer Bewind Team Studio Huize Residentie Praktijk Groepspraktijk Taalhuis Speeltuin Kinderclub Eetcafé "
        "Brasserie Autobedrijf Installatie Klusbedrijf Kwekerij Drukkerij Slagerij Kapsalon Fietsenmaker Fitness Sportclub TC VV SV HC Harmonie Fanfare "
        "Zangkoor Buurthuis Wijkcentrum Dorpshuis SMC GC Travel Clinic Lab Mediation Coaching Advies Interim Juridisch Loket Hof Wonen Huis").split()
SMALL_KIND = ("buurtvereniging taalschool peuterspeelzaal logeerhuis dagbesteding kringloop voetbalclub speel-o-theek wandelclub toneelgroep "
              "woongroep zorgboerderij crèche sportvereniging scouting dierenasiel gastouderbureau").split()
TAIL = "Zorg Wonen Advies Groep Partners Bewind Holding Services Nederland Techniek Training Coaching Vastgoed Finance Lease Clinics Kids Sport".split()
KNOWN = ("Ford Philips Gamma Praxis Action Hema Zeeman Blokker Xenos Kwantum Ikea Coolblue Santander Interbank Freo Ziggo Odido Simpel Vattenfall Greenchoice "
         "Budget Energie,Basic-Fit,Van der Valk,McDonald's,Burger King,Schiphol,Tata Steel,Bidfood,Picnic,Gorillas,DHL,UPS,Randstad,Tempo-Team,Olympia,Start People")
ENGLISH = "Human Global Travel Clean Result First Smart Care Life Next Open Prime Blue Green Core Path Point Concern Talk Lease Lab Works House Choice Line Forward".split()
DRUG_ENDS = "pril olol statine prazol micine cilline azepam mab tinib sartan dipine oxetine apine vir azol gliptine parine prednol".split()
BRAND = ("Beko Leitz Batavus Gazelle Opel Corsa Renault Clio Volkswagen Polo Toyota Yaris Miele Bosch Siemens Zanussi Samsung Galaxy Nokia Apple Lenovo Asus Nike "
         "Adidas Puma Bacardi Heineken Bavaria Smirnoff Marlboro Camel Gillette Dove Nivea Lego Duplo Playmobil Bugaboo Excel Outlook Teams Zoom Skype Chrome "
         "Word Powerpoint Topdesk Sharepoint Jira Netflix Spotify Facebook Instagram Tiktok Snapchat Marktplaats Vinted Tikkie Ideal Digid Zotero Canva Trello "
         "Oticon Phonak Dyson Senseo Tempur Auping Segway Stint Vespa Gucci Prada Chanel Rolex Swatch Eastpak Barbie Nintendo Xbox Playstation").split()
BRAND_ENDS = "ex ox ix on ia ara ette ina max fit lux pro tec med derm aid flex zor vita gel cal sil".split()

MEDICAL = [word for line in (HERE.parents[2] / "stager/scrub/detect/lists/medical.txt").read_text().splitlines() if ": " in line and line[0] != "#"
           for word in line.split(": ", 1)[1].split() if word.isalpha()]
PARTS = ("lab zorg huis kinder jeugd school wijk buurt werk woon geld schuld rij tolk poli dag nacht uur maand jaar bel brief voor na her af op aan "
         "bloed urine wond hart long nier lever oog oor been arm voet rug pijn slaap eet drink bad bed kamer afdelings team groeps klas les").split()
PART_ENDS = ("nr kaart plan formulier lijst overleg gesprek afspraak lijn dienst controle onderzoek verslag brief map fysio therapie training meting "
             "advies aanvraag kosten regeling vergoeding folder mail bezoek keuring toets uitslag melding zorg hulp wacht tijd").split()


def syllables(rng, heads, count, ends):
    word = rng.choice(heads)
    for _ in range(count):
        word += rng.choice(MIDDLES) + rng.choice(JOINS)
    return word + rng.choice(ends)


def far(rng):
    word = rng.choice(FAR)
    for _ in range(rng.randint(0, 2)):
        word += rng.choice(FAR_MIDDLES)
    return word + rng.choice(FAR_ENDS)


def first(rng):
    pick = rng.random()
    if pick < 0.2:
        return rng.choice(SHORT)
    if pick < 0.5:
        return far(rng)
    name = syllables(rng, HEADS, 1, FIRST_ENDS)
    return name + "-" + syllables(rng, HEADS, 0, FIRST_ENDS).capitalize() if pick > 0.96 else name


def last(rng, alone=True):
    pick = rng.random()
    name = far(rng) + rng.choice(["", "", "o", "i", "ova", "ović"]) if pick < 0.3 else syllables(rng, HEADS, rng.randint(0, 1), LAST_ENDS)
    if rng.random() < 0.25:
        interfix = rng.choice(INTERFIX)
        name = (interfix[0].upper() + interfix[1:] if alone else interfix) + " " + name
    if rng.random() < 0.08:
        name += "-" + syllables(rng, HEADS, 0, LAST_ENDS)
    return name


def initials(rng):
    return "".join(rng.choice("ABCDEFGHIJKLMNPRSTW") + "." for _ in range(rng.choice([1, 1, 2, 2, 3])))


def paraph(rng):
    letters = "".join(rng.choice("ABCDEFGHJKLMNPRSTVW") for _ in range(rng.choice([2, 2, 2, 3])))
    return rng.choice([letters, letters, initials(rng), letters[0] + ".", letters[0] + "v" + letters[1], ".".join(letters) + "."])


def house(rng):
    coined = rng.choice(FRONT) + rng.choice(BACK)
    return rng.choice([
        lambda: coined, lambda: coined, lambda: coined, lambda: coined + " " + rng.choice(TAIL),
        lambda: rng.choice(["De ", "De ", "Het ", "'t "]) + rng.choice(THING),
        lambda: rng.choice(["De ", "De "]) + rng.choice(FRONT) + rng.choice(BACK),
        lambda: rng.choice(REGION) + rng.choice(["e ", " "]) + rng.choice(GROUP),
        lambda: rng.choice(SAINT),
        lambda: rng.choice(["Sint ", "St. "]) + rng.choice(SAINT),
        lambda: "".join(rng.choice("ABCDEGHIKLMNOPRSTVWZ") for _ in range(rng.randint(3, 5))),
        lambda: rng.choice(KIND) + " " + rng.choice([rng.choice(THING), coined, place(rng), "De " + rng.choice(THING), last(rng)]),
        lambda: rng.choice(KIND) + " " + rng.choice([rng.choice(THING), coined, place(rng), "De " + rng.choice(THING)]),
        lambda: rng.choice(SMALL_KIND) + " " + rng.choice(["De " + rng.choice(THING), coined, "Ons " + rng.choice(THING)]),
        lambda: rng.choice(REGION) + " " + rng.choice(TAIL),
        lambda: rng.choice(FRONT) + " & " + rng.choice(FRONT) + " " + rng.choice(["", place(rng)]),
        lambda: last(rng), lambda: last(rng) + " & " + rng.choice([last(rng), "Zonen", "Partners"]),
        lambda: rng.choice(" ".join(KNOWN.split(",")).split()),
        lambda: rng.choice(ENGLISH) + " " + rng.choice(ENGLISH), lambda: rng.choice(ENGLISH) + rng.choice(ENGLISH),
        lambda: coined + " " + rng.choice(["Noord", "Zuid", "Oost", "West", "Midden", place(rng)]),
    ])().strip()


def place(rng):
    pick = rng.random()
    if pick < 0.35:
        return far(rng)
    name = syllables(rng, HEADS, rng.randint(0, 1), PLACE_ENDS)
    if pick > 0.93:
        return rng.choice(["Nieuw-", "Oud-", "Klein ", "Sint "]) + name
    return name + rng.choice(["-Noord", "-Zuid", "-Oost"]) if pick > 0.9 else name


FILL = {
    "V": first, "A": last, "T": lambda rng: initials(rng) + " " + last(rng, False), "J": paraph, "I": house, "W": place,
    "D": lambda rng: rng.choice(MEDICAL).capitalize(),
    "C": lambda rng: (rng.choice(PARTS) + rng.choice(["", "", "s", rng.choice(PARTS)]) + rng.choice(PART_ENDS)).capitalize(),
    "X": lambda rng: "".join(rng.choice("ABCDEFGHIKLMNOPRSTVWZ") for _ in range(rng.randint(2, 5))),
    "N": lambda rng: first(rng) + " " + last(rng, False),
    "M": lambda rng: rng.choice([str.capitalize, str.capitalize, str.lower])(syllables(rng, HEADS, rng.randint(0, 1), DRUG_ENDS)),
    "K": lambda rng: rng.choice(BRAND) if rng.random() < 0.6 else syllables(rng, HEADS, 1, BRAND_ENDS),
}


def main():
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    lines = [line for name in ("clinic.txt", "office.txt", "none.txt") for line in (HERE / name).read_text().splitlines() if line and line[0] != "#"]
    for number in range(times):
        for at, line in enumerate(lines):
            rng = random.Random(f"{seed} {number} {at}")
            filled = re.sub("@([A-Z])", lambda m: FILL[m[1]](rng), line)
            # as people write when in a hurry, and as lists have it
            if rng.random() < 0.04:
                filled = re.sub(r"^(\{.\|)?(.)", lambda m: (m[1] or "") + m[2].lower(), filled)
            print(json.dumps({"id": f"guess-{number}-{at}", **hand.case(filled)}, ensure_ascii=False))


if __name__ == "__main__":
    main()
