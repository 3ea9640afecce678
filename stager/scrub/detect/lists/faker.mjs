// The lists of names that make_names.py reads, out of an unpacked @faker-js/faker: node faker.mjs FOLDER > faker.json
import path from "node:path";

const { allLocales } = await import(path.resolve(process.argv[2], "dist/index.js"));
const out = {};
for (const locale of ["nl", "nl_BE", "tr", "pl", "de", "fr", "af_ZA", "az", "cs_CZ", "da", "en", "en_GH", "en_HK", "en_IN", "en_NG", "es", "es_MX", "fi",
	"fr_BE", "fr_SN", "hr", "hu", "id_ID", "it", "ku_kmr_latin", "nb_NO", "pt_BR", "pt_PT", "ro", "sk", "sr_RS_latin", "sv", "uz_UZ_latin", "yo_NG"]) {
	out[locale] = {};
	for (const kind of ["first_name", "last_name"]) {
		const lists = allLocales[locale].person[kind] ?? [];
		const names = (Array.isArray(lists) ? [lists] : Object.values(lists)).filter(Array.isArray).flat();
		out[locale][kind] = [...new Set(names.filter((n) => typeof n === "string"))].sort();
	}
}
process.stdout.write(JSON.stringify(out));
