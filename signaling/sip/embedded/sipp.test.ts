import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { answerSdp, offerSdp } from './testing/raw-peer.ts'
import { SrfRig, settled } from './testing/srf-rig.ts'

type Sipp = {
  readonly pid: number | undefined
  readonly exit: Promise<{ code: number | null; output: string }>
  stop(): void
}

/** Starts sipp (Debian: sip-tester) without a terminal; it ends by itself or after 20 s. */
async function sipp(t: Test, args: readonly string[]): Promise<Sipp> {
  const cwd = await mkdtemp(join(tmpdir(), 'sipp-'))
  const child = spawn('sipp', ['-nostdin', '-i', '127.0.0.1', '-timeout', '20s', '-timeout_error', ...args], { cwd })
  let output = ''
  child.stdout.on('data', chunk => {
    output = (output + String(chunk)).slice(-4000)
  })
  child.stderr.on('data', chunk => {
    output = (output + String(chunk)).slice(-4000)
  })
  const exit = new Promise<{ code: number | null; output: string }>(resolve => {
    child.on('error', error =>
      resolve({ code: null, output: `sipp (package sip-tester) could not be started: ${error.message}` }),
    )
    child.on('exit', code => resolve({ code, output }))
  })
  t.teardown(async () => {
    child.kill('SIGKILL')
    await exit
    await rm(cwd, { recursive: true, force: true })
  })
  return { pid: child.pid, exit, stop: () => void child.kill('SIGUSR1') }
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

for (const transport of ['u1', 't1', 'tn'] as const) {
  t.test(`[SIP120] sipp calls in over ${transport}: 200 calls, 200 a second, none lost`, async t => {
    const rig = await SrfRig.create()
    t.teardown(() => rig.close())
    const srf = await rig.srf()
    let ended = 0
    srf.invite(async (req, res) => {
      res.send(180)
      const dialog = await srf.createUAS(req, res, { localSdp: answerSdp })
      dialog.on('destroy', () => ended++)
    })
    await settled()
    const target = `127.0.0.1:${rig.portOf(transport === 'u1' ? 'udp' : 'tcp')}`
    const local = String(await freePort())
    const caller = await sipp(t, [
      '-sn',
      'uac',
      '-t',
      transport,
      '-m',
      '200',
      '-r',
      '200',
      '-d',
      '100',
      '-max_socket',
      '300',
      '-p',
      local,
      target,
    ])
    const { code, output } = await caller.exit
    t.equal(code, 0, output)
    t.equal(ended, 200)
    t.equal(rig.server.stats().dialogs, 0)
    t.equal(rig.server.stats().malformed, 0)
  })
}

t.test('[SIP121] calls out to sipp: 50 at a time, hung up by us', async t => {
  const rig = await SrfRig.create()
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  const port = await freePort()
  const answering = await sipp(t, ['-sn', 'uas', '-m', '50', '-p', String(port)])
  await new Promise(resolve => setTimeout(resolve, 300))
  const dialogs = await Promise.all(
    Array.from({ length: 50 }, () =>
      srf.createUAC(`sip:service@127.0.0.1:${port}`, { localSdp: offerSdp, callingNumber: '100' }),
    ),
  )
  await Promise.all(dialogs.map(dialog => dialog.destroy()))
  const { code, output } = await answering.exit
  t.equal(code, 0, output)
  t.equal(rig.server.stats().dialogs, 0)
})

t.test('[SIP122] a sipp that loses every tenth packet: all calls complete by retransmission', async t => {
  const rig = await SrfRig.create()
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  srf.invite((req, res) => void srf.createUAS(req, res, { localSdp: answerSdp }).catch(() => {}))
  await settled()
  const target = `127.0.0.1:${rig.portOf('udp')}`
  const caller = await sipp(t, [
    '-sn',
    'uac',
    '-m',
    '40',
    '-r',
    '40',
    '-lost',
    '10',
    '-p',
    String(await freePort()),
    target,
  ])
  const { code, output } = await caller.exit
  t.equal(code, 0, output)
  t.ok(rig.server.stats().retransmissionsReceived > 0)
})
