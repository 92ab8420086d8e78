import { run } from './run.js';

/** `fundflow-verify …`: exits 0 valid, 1 tampered, 2 cannot decide. */
const { exitCode, text } = await run(process.argv.slice(2));
process.exitCode = exitCode;
process.stdout.write(text);
