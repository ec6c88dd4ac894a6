// The serving half of registry.mjs, in a thread of its own: the trial itself waits for the programs that it starts.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

/** What the registry answers for a name: all versions with their manifests and where their tarballs are. */
function packument(name, rows, address) {
  const versions = Object.fromEntries(
    rows.map(({ manifest, tarball }, i) => {
      const bytes = readFileSync(tarball);
      const dist = {
        tarball: `${address}/-/${encodeURIComponent(name)}/${i}.tgz`,
        integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
      };
      return [manifest.version, { ...manifest, _id: `${name}@${manifest.version}`, dist }];
    }),
  );
  const latest = rows.at(-1).manifest.version;
  return { name, 'dist-tags': { latest }, versions };
}

const named = new Map();
for (const row of workerData) named.set(row.manifest.name, [...(named.get(row.manifest.name) ?? []), row]);
let address;
const server = createServer((request, response) => {
  const [, name, file] = /^\/-\/([^/]+)\/(\d+)\.tgz$/.exec(request.url) ?? [];
  if (name !== undefined) {
    response.end(readFileSync(named.get(decodeURIComponent(name))[Number(file)].tarball));
    return;
  }
  const asked = decodeURIComponent(request.url.slice(1).split('?')[0]);
  const found = named.get(asked);
  response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(found ? packument(asked, found, address) : { error: 'not found' }));
});
server.listen(0, '127.0.0.1', () => {
  address = `http://127.0.0.1:${server.address().port}`;
  parentPort.postMessage(address);
});
