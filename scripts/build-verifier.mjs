// Makes the offline verifier one file: `node scripts/build-verifier.mjs [out=verify-archive.mjs]`, or buildVerifier().
// The file runs on any Node from 18 on, in an empty folder, with nothing installed; evidence packages carry it.
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** @returns {Promise<Uint8Array>} the file */
export async function buildVerifier() {
  const result = await build({
    absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
    entryPoints: ['scripts/verify-archive.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: ['node18'],
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    write: false,
    logLevel: 'silent',
    banner: {
      js: '// Tongping: proves a sealed call without the server. node verify-archive.mjs <folder> --key seal-key.pub.pem',
    },
  })
  const [file] = result.outputFiles
  if (!file) throw new Error('the verifier was not built')
  return file.contents
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const out = process.argv[2] ?? 'verify-archive.mjs'
  const bytes = await buildVerifier()
  await writeFile(out, bytes)
  console.log(`${out}: ${bytes.length} bytes`)
}
