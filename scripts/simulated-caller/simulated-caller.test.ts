import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { needTool } from '../../test/harness/tools.ts'
import { until, within } from '../../test/harness/until.ts'
import { readRtp } from './rtp-packet.ts'
import { startSimulatedCaller } from './simulated-caller.ts'
import { parseSipAddress } from './sip-address.ts'

t.test('[CAL3] addresses are read as people write them', async t => {
  t.match(parseSipAddress('sip:192.0.2.1'), { transport: 'udp', host: '192.0.2.1', port: 5060, user: undefined })
  t.match(parseSipAddress('sip:4008@192.0.2.1:5070;transport=tcp'), { transport: 'tcp', port: 5070, user: '4008' })
  t.match(parseSipAddress('tcp:pbx.example:5080'), { transport: 'tcp', host: 'pbx.example', port: 5080 })
  t.throws(() => parseSipAddress('sip:'), /not a SIP address/)
})

t.test(
  '[CAL4] the caller of the demo calls sipp, speaks, says that it is simulated, and hangs up when closed',
  async t => {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const { port } = socket.address()
    socket.close()
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
        `${35_000 + (port % 1000) * 4}`,
        '-rtp_echo',
        '-nostdin',
        '-m',
        '1',
      ],
      { stdio: 'ignore' },
    )
    const left = once(sipp, 'exit')
    t.teardown(() => sipp.kill('SIGKILL'))
    await sleep(500)
    const said: string[] = []
    const note = (_fields: object, message: string) => void said.push(message)
    const caller = await startSimulatedCaller({
      sipAddress: `sip:127.0.0.1:${port}`,
      logger: { info: note, warn: note },
    })
    t.teardown(() => caller.close())
    await until('the answer', () => said.some(line => line.includes('answered')))
    await sleep(600)
    await within('closing', 5000, caller.close())
    t.same((await within('sipp', 5000, left))[0], 0, 'sipp saw a whole call: INVITE, ACK, BYE')
    t.ok(
      said.every(line => line.includes('simulated')),
      said.join(' | '),
    )
  },
)

t.test('[CAL5] malformed RTP is not taken for voice', async t => {
  t.equal(readRtp(Buffer.alloc(11)), undefined)
  t.equal(readRtp(Buffer.from('80c8000600000000000000000000', 'hex')), undefined, 'RTCP')
  t.equal(readRtp(Buffer.from('a00000010000000000000000ff', 'hex')), undefined, 'padding longer than the packet')
  t.equal(readRtp(Buffer.from('8f0000010000000000000000', 'hex')), undefined, 'CSRCs past the end')
})
