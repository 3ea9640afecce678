"""Dutch clinical letters about nobody, for measuring: python3 make_letters.py MEGABYTES [SEED] > letters.txt

Sentences from templates of our own; every number that could be somebody's is made up here.
"""
import random
import sys

OPENINGS = ["Geachte collega,", "Beste collega,", "Zeer geachte collega,"]
COMPLAINTS = ["benauwdheid bij inspanning", "drukkende pijn op de borst", "hoesten met geel sputum", "moeheid en gewichtsverlies",
              "duizeligheid bij opstaan", "pijn in de rechter flank", "koorts en koude rillingen", "hartkloppingen in rust"]
HISTORY = ["hypertensie", "diabetes mellitus type 2", "COPD GOLD II", "appendectomie", "astma bronchiale", "jicht",
           "hypothyreoïdie", "reumatoïde artritis", "geen bijzonderheden"]
DRUGS = ["metoprolol", "metformine", "amoxicilline", "pantoprazol", "simvastatine", "furosemide", "prednisolon", "salbutamol"]
FINDINGS = ["Over de longen vesiculair ademgeruis, beiderzijds basaal enkele crepitaties.", "Abdomen soepel, geen drukpijn.",
            "Geen oedemen, perifere pulsaties goed palpabel.", "Normale harttonen, geen souffles.",
            "De patiënt maakt een vermoeide indruk, maar is helder en adequaat.", "Neurologisch oriënterend geen afwijkingen."]
PLANS = ["Het beleid werd besproken met patiënt en familie.", "Controle op de polikliniek volgt over zes weken.",
         "Wij verzoeken u de bloeddruk te blijven vervolgen.", "Bij toename van klachten eerder contact opnemen.",
         "Fysiotherapie aan huis werd aangevraagd.", "Er is geen indicatie voor verdere diagnostiek op dit moment."]
MONTHS = ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
          "december"]


def bsn(rng):
    while True:
        d = [rng.randint(1, 9)] + [rng.randint(0, 9) for _ in range(7)]
        last = sum(w * x for w, x in zip(range(9, 1, -1), d)) % 11
        if last < 10:
            return "".join(map(str, d)) + str(last)


def date(rng):
    d, m, y = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2001, 2026)
    return rng.choice([f"{d:02}-{m:02}-{y}", f"{d} {MONTHS[m - 1]} {y}", f"{y}-{m:02}-{d:02}", f"{d} {MONTHS[m - 1]}"])


def letter(rng):
    out = [rng.choice(OPENINGS), ""]
    out.append(f"Op {date(rng)} zag ik op de polikliniek interne geneeskunde bovengenoemde patiënt, {rng.randint(19, 94)} jaar, "
               f"in verband met {rng.choice(COMPLAINTS)} sinds {rng.randint(2, 9)} weken.")
    out.append(f"Voorgeschiedenis: {rng.choice(HISTORY)}, {rng.choice(HISTORY)}.")
    for _ in range(rng.randint(1, 5)):
        out.append(f"Medicatie: {rng.choice(DRUGS)} {rng.choice([5, 10, 20, 40, 50, 500])} mg {rng.randint(1, 3)} dd, "
                   f"{rng.choice(DRUGS)} {rng.choice([25, 100, 850])} mg zo nodig.")
    out.append(f"Lichamelijk onderzoek: RR {rng.randint(100, 180)}/{rng.randint(55, 100)} mmHg, pols {rng.randint(50, 120)} per minuut, "
               f"temperatuur {rng.randint(36, 39)},{rng.randint(0, 9)} °C, saturatie {rng.randint(88, 100)}%.")
    for _ in range(rng.randint(3, 9)):
        out.append(rng.choice(FINDINGS))
    out.append(f"Laboratorium: Hb {rng.randint(5, 10)},{rng.randint(0, 9)} mmol/l, CRP {rng.randint(1, 300)} mg/l, "
               f"kreatinine {rng.randint(50, 200)} µmol/l, leukocyten {rng.randint(3, 20)}.{rng.randint(0, 9)} x 10^9/l.")
    for _ in range(rng.randint(2, 7)):
        out.append(rng.choice(PLANS))
    if rng.random() < 0.5:
        out.append(f"Patiënt is bereikbaar op 06-{rng.randint(10000000, 58999999)}.")
    if rng.random() < 0.3:
        out.append(f"BSN {bsn(rng)}, adres Lindenlaan {rng.randint(1, 200)}, {rng.randint(1000, 9999)} "
                   f"{rng.choice('ABCDEFG')}{rng.choice('HJKLMN')} Voorbeeldstad.")
    if rng.random() < 0.3:
        out.append(f"Graag bericht naar polikliniek{rng.randint(1, 99)}@ziekenhuis.example.nl.")
    out += ["", "Met collegiale hoogachting,", "", ""]
    return "\n".join(out)


def main():
    size, rng, done = int(sys.argv[1]) << 20, random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1), 0
    while done < size:
        text = letter(rng)
        done += len(text.encode())
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
