import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import type { SipMessage, SipRequest } from './sip-message.ts'
import { parseSipMessage } from './sip-parser.ts'
import { selfSigned } from './testing/certificates.ts'
import { answerSdp, offerSdp } from './testing/raw-peer.ts'
import { SrfRig, settled } from './testing/srf-rig.ts'

class WsPeer {
  readonly socket: WebSocket
  readonly messages: SipMessage[] = []
  readonly texts: string[] = []

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', data => {
      const bytes = Buffer.from(data as Buffer)
      this.texts.push(bytes.toString())
      const result = parseSipMessage(bytes)
      if (result.ok) this.messages.push(result.message)
    })
  }

  async next(wanted: (message: SipMessage) => boolean): Promise<SipMessage> {
    for (let turn = 0; turn < 400; turn++) {
      const index = this.messages.findIndex(wanted)
      const [found] = index === -1 ? [] : this.messages.splice(index, 1)
      if (found !== undefined) return found
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    throw new Error(`nothing came: ${this.messages.map(message => message.startLine)}`)
  }

  answer(request: SipRequest, status: number, body: string): void {
    const vias = request.list('via').map(via => `Via: ${via}`)
    const copies = ['From', 'Call-ID', 'CSeq'].map(name => `${name}: ${request.get(name.toLowerCase())}`)
    const to = `To: ${request.get('to')}${request.get('to')?.includes('tag=') ? '' : ';tag=w1'}`
    const own = ['Contact: <sip:w@client.invalid;transport=ws>', 'Content-Type: application/sdp']
    const lines = [`SIP/2.0 ${status} Test`, ...vias, ...copies, to, ...own, `Content-Length: ${body.length}`]
    this.socket.send(`${lines.join('\r\n')}\r\n\r\n${body}`)
  }
}

async function open(t: Test, url: string, ca?: Buffer): Promise<WsPeer> {
  const socket = new WebSocket(url, 'sip', ca === undefined ? {} : { ca })
  t.teardown(() => socket.terminate())
  await once(socket, 'open')
  return new WsPeer(socket)
}

function register(transport: 'WS' | 'WSS'): string {
  return [
    'REGISTER sip:example.com SIP/2.0',
    `Via: SIP/2.0/${transport} client.invalid;branch=z9hG4bKr1`,
    'From: <sip:w@example.com>;tag=r1',
    'To: <sip:w@example.com>',
    'Call-ID: reg1',
    'CSeq: 1 REGISTER',
    'Contact: <sip:w@client.invalid;transport=ws>;expires=600',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n')
}

async function callsTheRegistered(t: Test, rig: SrfRig, peer: WsPeer, transport: 'WS' | 'WSS'): Promise<void> {
  const srf = await rig.srf()
  srf.register((req, res) => {
    t.equal(req.protocol, 'tcp', 'as drachtio names it')
    res.send(200, { headers: { Expires: '600' } })
  })
  await settled()
  peer.socket.send(register(transport))
  await peer.next(message => message.kind === 'response' && message.status === 200)
  const calling = srf.createUAC('sip:w@client.invalid;transport=ws', { localSdp: offerSdp })
  const invite = (await peer.next(message => message.kind === 'request' && message.method === 'INVITE')) as SipRequest
  t.match(invite.get('via'), `SIP/2.0/${transport} 127.0.0.1:`)
  peer.answer(invite, 200, answerSdp)
  const dialog = await calling
  await peer.next(message => message.kind === 'request' && message.method === 'ACK')
  const ending = dialog.destroy()
  const bye = (await peer.next(message => message.kind === 'request' && message.method === 'BYE')) as SipRequest
  t.equal(bye.uri, 'sip:w@client.invalid;transport=ws')
  peer.answer(bye, 200, '')
  await ending
  peer.socket.close()
  await once(peer.socket, 'close')
  await settled()
  await t.rejects(srf.createUAC('sip:w@client.invalid;transport=ws', { localSdp: offerSdp }), {
    status: 503,
  } as unknown as Error)
}

t.test('[SIP165] WebSocket: who has registered is called over its connection, until that has gone', async t => {
  const rig = await SrfRig.create({ listen: [{ protocol: 'ws', host: '127.0.0.1', port: 0 }] })
  t.teardown(() => rig.close())
  await callsTheRegistered(t, rig, await open(t, `ws://127.0.0.1:${rig.portOf('ws')}`), 'WS')
})

t.test('[SIP166] the same over TLS', async t => {
  const own = await selfSigned(t.testdir(), 'own', ['DNS:localhost'])
  const rig = await SrfRig.create({ listen: [{ protocol: 'wss', host: '127.0.0.1', port: 0 }], tls: own })
  t.teardown(() => rig.close())
  const peer = await open(t, `wss://localhost:${rig.portOf('wss')}`, await readFile(own.certFile))
  await callsTheRegistered(t, rig, peer, 'WSS')
})

t.test(
  '[SIP167] WebSocket: keep-alive answered, other subprotocols and plain HTTP refused, one frame one message',
  async t => {
    const rig = await SrfRig.create({ listen: [{ protocol: 'ws', host: '127.0.0.1', port: 0 }] })
    t.teardown(() => rig.close())
    const url = `ws://127.0.0.1:${rig.portOf('ws')}`
    const peer = await open(t, url)
    peer.socket.send('\r\n\r\n')
    for (let turn = 0; turn < 100 && peer.texts.length === 0; turn++) await new Promise(r => setTimeout(r, 5))
    t.same(peer.texts, ['\r\n'])
    for (const protocols of [[], ['chat']]) {
      const socket = new WebSocket(url, protocols)
      const [error] = await once(socket, 'error')
      t.match((error as Error).message, '400')
    }
    t.equal((await fetch(url.replace('ws:', 'http:'))).status, 426)
    peer.socket.send(`${register('WS')}OPTIONS sip:x SIP/2.0\r\n`) // what lies beyond Content-Length is no second message
    const refused = await peer.next(message => message.kind === 'response')
    t.equal(refused.kind === 'response' && refused.status, 503, 'no application')
    await settled()
    t.equal(peer.messages.length, 0)
  },
)
