"""Runs another tool over cases, in its own venv: deid_peer.py deduce|presidio < cases.jsonl > finds.jsonl

A line a case, {"spans": [[start, end, kind, label], ...]}; then one with the processor seconds that it took and what must be said of it. Labels
become the bench's kinds as far as they have one; others are left out.
"""
import json
import logging
import sys
import time

DEDUCE = {"persoon": "person", "patient": "person", "locatie": "location", "ziekenhuis": "institution", "zorginstelling": "institution",
          "datum": "date", "leeftijd": "age", "telefoonnummer": "phone", "emailadres": "email", "url": "url", "bsn": "id", "id": "id"}
PRESIDIO = {"PERSON": "person", "LOCATION": "location", "GPE": "location", "ORGANIZATION": "institution", "DATE_TIME": "date", "AGE": "age",
            "PHONE_NUMBER": "phone", "EMAIL_ADDRESS": "email", "URL": "url", "IBAN_CODE": "id", "CREDIT_CARD": "id", "IP_ADDRESS": "id",
            "MAC_ADDRESS": "id", "CRYPTO": "id"}
MODELS = ["nl_core_news_lg", "nl_core_news_md", "nl_core_news_sm"]


def deduce():
    from deduce import Deduce
    tool = Deduce()
    return lambda text: [(int(a.start_char), int(a.end_char), DEDUCE.get(a.tag), a.tag) for a in tool.deidentify(text).annotations], ""


def presidio():
    import os
    import tempfile

    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry, predefined_recognizers
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    model = next((name for name in MODELS if spacy.util.is_package(name)), None)
    said = f"model {model}" if model else "no Dutch model could be had: its patterns alone, no persons, places or institutions"
    if model is None:
        model = os.path.join(tempfile.mkdtemp(), "blank")
        spacy.blank("nl").to_disk(model)
    engine = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": [{"lang_code": "nl", "model_name": model}]}).create_engine()
    # Its recognisers that do not depend on a country, and telephone numbers of the Netherlands; made for Dutch, which it has none for.
    registry = RecognizerRegistry(supported_languages=["nl"])
    for name in ("CreditCardRecognizer", "CryptoRecognizer", "DateRecognizer", "EmailRecognizer", "IbanRecognizer", "IpRecognizer",
                 "MacAddressRecognizer", "UrlRecognizer", "SpacyRecognizer"):
        made = getattr(predefined_recognizers, name, None)
        if made is not None:
            registry.add_recognizer(made(supported_language="nl"))
    registry.add_recognizer(predefined_recognizers.PhoneRecognizer(supported_language="nl", supported_regions=("NL",)))
    tool = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["nl"])

    def run(text):
        # What lies in another find goes, as its own anonymiser has it.
        found = sorted(tool.analyze(text, language="nl", score_threshold=0.35), key=lambda r: (r.start - r.end, -r.score))
        kept = []
        for r in found:
            if not any(k.start <= r.start and r.end <= k.end for k in kept):
                kept.append(r)
        return [(int(r.start), int(r.end), PRESIDIO.get(r.entity_type), r.entity_type) for r in kept]

    return run, said


def main():
    logging.disable(logging.CRITICAL)
    run, said = {"deduce": deduce, "presidio": presidio}[sys.argv[1]]()
    texts = [json.loads(line)["text"] for line in sys.stdin]
    out = []
    start = time.process_time()
    for text in texts:
        out.append(run(text))
    seconds = time.process_time() - start
    for found in out:
        print(json.dumps({"spans": sorted([list(f) for f in found if f[2] is not None])}))
    print(json.dumps({"seconds": seconds, "bytes": sum(len(text.encode()) for text in texts), "said": said}))


if __name__ == "__main__":
    main()
