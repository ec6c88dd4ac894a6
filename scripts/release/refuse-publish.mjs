#!/usr/bin/env node
// `npm publish` in a clone would publish a package that names no platform packages and brings no addon.
import { run, SetupError } from '../lib/console.mjs';

await run(() => {
  throw new SetupError(
    "a clone is not what is published: its package.json names no platform packages. Push the tag 'vX.Y.Z', and the release " +
      "workflow publishes; or publish the tarballs that 'npm run release:check' leaves in .cache/release/tarballs, resgram last",
  );
});
