// Decides the cases on its input by the ELM on its input, round by round; tells verdicts and processor time as JSON.
// Usage: node cql.cjs PATH_OF_CQL_EXECUTION < asked.json
const cql = require(process.argv[2]);
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));

async function main() {
  const library = new cql.Library(asked.elm);
  const executor = new cql.Executor(library, new cql.CodeService({}));
  const patients = asked.cases.map((findings, i) => {
    const id = String(i);
    return { id, recordType: "Patient", ...findings };
  });
  const seconds = [];
  let verdicts = [];
  for (let round = 0; round <= asked.rounds; round++) {
    const source = new cql.PatientSource([...patients]); // it empties the list that it is given
    const before = process.cpuUsage();
    const found = await executor.exec_expression("Verdict", source);
    const used = process.cpuUsage(before);
    verdicts = patients.map((patient) => found.patientResults[patient.id].Verdict);
    if (round > 0) seconds.push((used.user + used.system) / 1e6); // the first warms up
  }
  console.log(JSON.stringify({ verdicts, seconds }));
}

main();
