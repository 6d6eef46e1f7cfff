import { install, installCommand, mayInstall, missingPackages, which } from './apt.mjs'
import { denyServices } from './service-policy.mjs'

/** Programs that tests drive, and the Debian packages that bring them. */
const TOOLS = [
  { program: 'chromium', debianPackage: 'chromium' },
  { program: 'ffmpeg', debianPackage: 'ffmpeg' },
  { program: 'sipp', debianPackage: 'sip-tester' },
  { program: 'svmap', debianPackage: 'sipvicious' },
  { program: 'turnserver', debianPackage: 'coturn' },
  { program: 'openssl', debianPackage: 'openssl' },
  { program: 'pdftotext', debianPackage: 'poppler-utils' },
  // Telephones, proxies and gateways not of our making.
  { program: 'baresip', debianPackage: 'baresip-core' },
  { program: 'linphonec', debianPackage: 'linphone-cli' },
  { program: 'kamailio', debianPackage: 'kamailio' },
  { program: 'rtpengine', debianPackage: 'rtpengine-daemon' },
  { program: 'janus', debianPackage: 'janus' },
  // A real S3 server for the cold tier: Ceph's monitor, store and gateway.
  { program: 'ceph-mon', debianPackage: 'ceph-mon' },
  { program: 'ceph-osd', debianPackage: 'ceph-osd' },
  { program: 'radosgw', debianPackage: 'radosgw' },
  { program: 'ceph', debianPackage: 'ceph-common' },
]
/** Without Chinese glyphs the pages' pictures, and what is read from them, would be boxes. */
const FONTS = ['fonts-noto-cjk']

/**
 * Which packages are missing. A program that is there by other means counts; a font can only be asked of dpkg.
 * @param {{has(program: string): boolean, missing(names: string[]): Promise<string[]>}} probes
 */
export async function missingTools({ has, missing }) {
  const packages = TOOLS.filter(({ program }) => !has(program)).map(({ debianPackage }) => debianPackage)
  return [...packages, ...(await missing(FONTS))]
}

/** Installs what tests need where it may. @returns what is still missing, and the command that would bring it */
export async function provideTestTools({ logFile, log = console.log }) {
  const probes = {
    has: program => which(program, `${process.env.PATH ?? ''}:/usr/sbin`) !== undefined,
    missing: missingPackages,
  }
  const wanted = await missingTools(probes)
  if (wanted.length === 0) return { missing: [], command: '' }
  if (mayInstall()) {
    log(`installing Debian packages for the tests: ${wanted.join(' ')}`)
    const allowServices = denyServices()
    try {
      await install(wanted, { logFile })
    } catch (error) {
      log(error.message)
    } finally {
      allowServices()
    }
  }
  const missing = await missingTools(probes)
  return { missing, command: missing.length ? installCommand(missing) : '' }
}
