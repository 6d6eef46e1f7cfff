import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:tls'
import t, { type Test } from 'tap'
import { selfSigned } from '../signaling/sip/embedded/testing/certificates.ts'
import { freePort } from '../test/harness/free-port.ts'
import { decideConfig } from './config.ts'
import { readEnv } from './env.ts'
import { createLogger } from './logger.ts'
import { openSip } from './sip.ts'

async function open(t: Test, variables: Record<string, string>) {
  const folder = t.testdir()
  const certificate = await selfSigned(folder, 'sip', ['IP:127.0.0.1'])
  const [port, tlsPort] = [await freePort(), await freePort()]
  const config = decideConfig(
    readEnv({
      TONGPING_SIP_HOST: '127.0.0.1',
      TONGPING_SIP_PORT: `${port}`,
      TONGPING_SIP_TLS_PORT: `${tlsPort}`,
      TONGPING_SIP_TLS_CERT_FILE: certificate.certFile,
      TONGPING_SIP_TLS_KEY_FILE: certificate.keyFile,
      ...variables,
    }),
    folder,
  )
  const sip = await openSip(
    config,
    { onInvite: async leg => leg.reject(486, 'busy') },
    'secret',
    createLogger({ level: 'silent' }),
  )
  t.teardown(() => sip.close())
  return { sip, port, tlsPort }
}

function options(transport: string, userAgent: string): string {
  const lines = [
    'OPTIONS sip:a@127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/${transport} 127.0.0.1:9;branch=z9hG4bK${Math.random()}`,
    'From: <sip:b@127.0.0.1>;tag=1',
    'To: <sip:a@127.0.0.1>',
    `Call-ID: ${Math.random()}`,
    'CSeq: 1 OPTIONS',
    `User-Agent: ${userAgent}`,
    'Content-Length: 0',
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** The first line that comes back over UDP; undefined when nothing does. */
async function askUdp(t: Test, port: number, userAgent: string): Promise<string | undefined> {
  const socket = createSocket('udp4')
  t.teardown(() => socket.close())
  socket.send(options('UDP', userAgent), port, '127.0.0.1')
  const answer = await Promise.race([
    once(socket, 'message') as Promise<[Buffer]>,
    new Promise<undefined>(resolve => setTimeout(resolve, 300)),
  ])
  return answer?.[0].toString().split('\r\n')[0]
}

t.test('[CF6] SIP over TLS stands beside UDP and TCP; scanners hear nothing', async t => {
  const { sip, port, tlsPort } = await open(t, {})
  const socket = connect({ port: tlsPort, host: '127.0.0.1', rejectUnauthorized: false })
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')
  socket.write(options('TLS', 'PBX'))
  t.match(String((await once(socket, 'data'))[0]), /^SIP\/2\.0 200/)
  t.match(await askUdp(t, port, 'PBX'), /^SIP\/2\.0 200/)
  t.equal(await askUdp(t, port, 'friendly-scanner'), undefined)
  t.equal(sip.stats().scanners, 1)
})

t.test('[CF7] with trunks configured, nobody else gets an answer', async t => {
  const { sip, port } = await open(t, { TONGPING_SIP_TRUNKS: '192.0.2.0/24' })
  t.equal(await askUdp(t, port, 'PBX'), undefined)
  t.equal(sip.stats().strangers, 1)
})
