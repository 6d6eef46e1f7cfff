import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { shareOf } from '../../test/harness/tone.ts'
import { needTool } from '../../test/harness/tools.ts'
import { within } from '../../test/harness/until.ts'
import { tone } from './sample-source.ts'
import { SipPhone } from './sip-phone.ts'
import { wallClockMs } from './voice-stream.ts'

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

for (const transport of ['udp', 'tcp'] as const) {
  t.test(`[CAL2] the phone calls sipp over ${transport}, hears its own tone echoed, and hangs up`, async t => {
    const port = await freePort()
    const sipp = spawn(
      needTool('sipp', 'sip-tester'),
      [
        '-sn',
        'uas',
        '-i',
        '127.0.0.1',
        '-p',
        `${port}`,
        '-mp',
        `${30_000 + (port % 1000) * 4}`,
        '-rtp_echo',
        '-t',
        transport === 'udp' ? 'u1' : 't1',
        '-nostdin',
        '-m',
        '1',
      ],
      { stdio: 'ignore' },
    )
    const left = once(sipp, 'exit')
    t.teardown(async () => {
      sipp.kill('SIGKILL')
      await left
    })
    await sleep(500)
    const phone = await SipPhone.create({ server: { transport, host: '127.0.0.1', port }, number: '1001' })
    t.teardown(() => phone.close())
    const call = await phone.call('2002', { codecs: ['PCMU'], says: tone(700) })
    await within('ringing', 5000, call.rings)
    await within('answer', 5000, call.answered)
    t.same(call.statuses, [180, 200])
    await sleep(800)
    const now = wallClockMs()
    t.ok(shareOf(700, call.voice.samplesBetween(now - 500, now), 8000) > 0.9, 'the tone came back')
    const every = call.voice.heard.length
    t.ok(every > 30 && every < 60, `${every} packets in 0.8 s at 20 ms`)
    t.equal(await within('BYE', 5000, call.hangUp()), 200)
    t.match(await call.ended, { by: 'us', status: 200 })
  })
}
