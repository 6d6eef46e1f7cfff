import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ownSettings } from './dot-env.mjs'
import { chooseFfmpeg } from './ffmpeg.mjs'
import { chooseNode } from './node24.mjs'
import { isInstalled } from './packages.mjs'
import { denyServices } from './service-policy.mjs'
import { missingTools } from './test-tools.mjs'

type Found = { packaged?: string; download?: string; system?: string; install?: string; runs?: boolean }

function ffmpegSteps(found: Found) {
  const asked: string[] = []
  const step = (name: 'packaged' | 'download' | 'system' | 'install') => async () => {
    asked.push(name)
    return found[name]
  }
  return {
    asked,
    runs: async () => found.runs ?? false,
    packaged: step('packaged'),
    download: step('download'),
    system: step('system'),
    install: step('install'),
  }
}

t.test('[BS9] ffmpeg: the named one, ffmpeg-static’s, its download, the system’s, Debian’s', async t => {
  const named = ffmpegSteps({ runs: true })
  t.same(await chooseFfmpeg('/own', named), { path: '/own', source: 'FFMPEG_BIN' })
  t.same(named.asked, [])
  for (const [found, source, asked] of [
    [{ packaged: '/p', system: '/s' }, 'ffmpeg-static', ['packaged']],
    [{ download: '/p', system: '/s' }, 'ffmpeg-static', ['packaged', 'download']],
    [{ system: '/s' }, 'system', ['packaged', 'download', 'system']],
    [{ install: '/s' }, 'apt', ['packaged', 'download', 'system', 'install']],
  ] as const) {
    const steps = ffmpegSteps(found)
    t.equal((await chooseFfmpeg(undefined, steps)).source, source)
    t.same(steps.asked, asked)
  }
})

t.test('[BS9] no ffmpeg at all: one line with the command', async t => {
  await t.rejects(chooseFfmpeg(undefined, ffmpegSteps({})), /^ffmpeg is missing; run as root: apt-get install .*ffmpeg/)
  await t.rejects(chooseFfmpeg('/own', ffmpegSteps({ system: '/s' })), /FFMPEG_BIN=\/own is not an ffmpeg/)
})

t.test('[BS10] Node: the named one, npm’s package, the running one, PATH; never one older than 24', async t => {
  const versions: Record<string, string> = { '/n24': 'v24.1.0', '/n25': 'v25.0.0', '/n20': 'v20.20.2' }
  const versionOf = async (path: string) => versions[path]
  const own = { path: '/own', version: 'v20.20.2' }
  t.equal((await chooseNode({ named: '/n25', packaged: '/n24', own }, versionOf)).path, '/n25')
  t.equal((await chooseNode({ packaged: '/n24', own: { path: '/own', version: 'v26.0.0' } }, versionOf)).path, '/n24')
  t.equal((await chooseNode({ own: { path: '/own', version: 'v24.0.0' }, onPath: '/n25' }, versionOf)).path, '/own')
  t.equal((await chooseNode({ packaged: '/broken', own, onPath: '/n25' }, versionOf)).path, '/n25')
  await t.rejects(chooseNode({ named: '/n20', packaged: '/n24', own }, versionOf), /TONGPING_NODE=\/n20 is v20.20.2/)
  await t.rejects(chooseNode({ named: '/gone', own }, versionOf), /no Node that runs/)
  await t.rejects(chooseNode({ own, onPath: '/n20' }, versionOf), /Node 24 or newer is needed/)
})

t.test('[BS11] node_modules is left alone exactly when it is what the lock file says', async t => {
  const lock = {
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/other-platform': { version: '2.0.0', optional: true },
    },
  }
  t.notOk(isInstalled(lock, undefined))
  t.ok(isInstalled(lock, { packages: { 'node_modules/a': { version: '1.0.0' } } }))
  t.notOk(isInstalled(lock, { packages: { 'node_modules/a': { version: '1.0.1' } } }))
  t.notOk(isInstalled(lock, { packages: {} }))
  const stale = { 'node_modules/a': { version: '1.0.0' }, 'node_modules/other-platform': { version: '1.9.0' } }
  t.notOk(isInstalled(lock, { packages: stale }))
})

t.test('[BS12] of .env only what decides about native parts is read, and the environment wins', async t => {
  const text =
    'FFMPEG_BIN="/opt/ffmpeg"\nexport MEDIASOUP_WORKER_BIN=/opt/worker\n#TONGPING_NODE=/x\nSECRET=1\nTONGPING_NODE=\n'
  t.same(ownSettings(text, {}), { FFMPEG_BIN: '/opt/ffmpeg', MEDIASOUP_WORKER_BIN: '/opt/worker' })
  t.same(ownSettings(text, { FFMPEG_BIN: '/other' }), { MEDIASOUP_WORKER_BIN: '/opt/worker' })
})

t.test('[BS13] missing test programs are named by their Debian packages', async t => {
  const nothing = { has: () => false, missing: async (names: string[]) => names }
  t.same(await missingTools(nothing), [
    'chromium',
    'ffmpeg',
    'sip-tester',
    'sipvicious',
    'coturn',
    'openssl',
    'poppler-utils',
    'baresip-core',
    'linphone-cli',
    'kamailio',
    'rtpengine-daemon',
    'janus',
    'ceph-mon',
    'ceph-osd',
    'radosgw',
    'ceph-common',
    'fonts-noto-cjk',
  ])
  const noSipp = { has: (program: string) => program !== 'sipp', missing: async () => [] }
  t.same(await missingTools(noSipp), ['sip-tester'])
})

t.test(
  '[BS17] while test tools are installed no daemon of theirs is started, and a policy of somebody else stays',
  async t => {
    const file = join(t.testdir({}), 'policy-rc.d')
    const allow = denyServices(file)
    t.equal(spawnSync(file).status, 101, 'Debian’s word for "do not start it"')
    denyServices(file)()
    t.ok(existsSync(file), 'who did not make it does not remove it')
    allow()
    t.notOk(existsSync(file))
  },
)
