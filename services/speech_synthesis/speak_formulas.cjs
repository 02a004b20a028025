// Prints the words of formulas as a JSON list. Arguments: folder of speech-rule-engine, locale, file with a JSON list of MathML.
const fs = require("fs");

const [packageFolder, locale, source] = process.argv.slice(2);

async function main() {
  const engine = require(packageFolder);
  await engine.setupEngine({ locale, domain: "clearspeak", modality: "speech", markup: "none" });
  const formulas = JSON.parse(fs.readFileSync(source, "utf8"));
  process.stdout.write(JSON.stringify(formulas.map((mathml) => words(engine, mathml))) + "\n");
}

function words(engine, mathml) {
  try {
    return mathml ? engine.toSpeech(mathml) : "";
  } catch {
    return "";
  }
}

main().catch((error) => {
  process.stderr.write(`${error.stack || error}\n`);
  process.exitCode = 1;
});
