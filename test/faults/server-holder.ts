import { createInterface } from 'node:readline';
import { startEmbeddedPostgres } from '@fundflow/embedded-postgres/embedded-postgres';

// Starts the embedded server on the directory given, says so in one line of JSON, stops it when
// told to, and says when it was lost.
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
try {
  const server = await startEmbeddedPostgres({
    dataDir: process.argv[2] ?? '',
    onLost: (reason) => say({ lost: reason.name }),
  });
  const { connectionString, pid, adopted } = server;
  say({ connectionString, pid, adopted });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'stop') break;
  }
  await server.stop();
  say({ stopped: true });
} catch (error) {
  const { name, message } = error as Error;
  say({ error: name, message });
}
// The pipe the orders come through is still open, and would keep this process.
process.exit();
