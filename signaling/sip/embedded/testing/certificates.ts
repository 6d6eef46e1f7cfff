import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Makes a certificate that stands for itself, with openssl. @returns its files in `folder` */
export async function selfSigned(
  folder: string,
  name: string,
  alternativeNames: readonly string[],
): Promise<{ certFile: string; keyFile: string }> {
  const certFile = join(folder, `${name}.crt`)
  const keyFile = join(folder, `${name}.key`)
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${alternativeNames.join(',')}`]
  await run('openssl', ['req', ...kind, ...names, '-keyout', keyFile, '-out', certFile])
  return { certFile, keyFile }
}
