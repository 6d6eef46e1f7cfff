import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { decideConfig } from './config.ts'
import { ConfigError, readEnv } from './env.ts'

const config = (variables: Record<string, string>) => decideConfig(readEnv(variables), '/srv/tongping')

t.test('[CF1] everything has a default', async t => {
  const made = config({})
  t.equal(made.http.httpsPort, 8443)
  t.equal(made.sip.kind, 'embedded')
  t.equal(made.dataDir, '/srv/tongping/data')
  t.same(made.sms, { kind: 'outbox' })
  t.same(made.push.linkDomains, [])
})

t.test('[PUSH3] domains for links are kept as browsers name them', async t => {
  const made = config({ TONGPING_PUSH_LINK_DOMAINS: 'Example.COM, .pay.example.org,中文.example' })
  t.same(made.push.linkDomains, ['example.com', 'pay.example.org', 'xn--fiq228c.example'])
})

t.test('[CF2] a bad value stops the start and the line names the variable', async t => {
  t.throws(() => config({ TONGPING_HTTPS_PORT: 'eight' }), { name: 'ConfigError', message: /TONGPING_HTTPS_PORT/ })
  t.throws(() => config({ TONGPING_INVITE_TTL_MS: '5' }), { message: /TONGPING_INVITE_TTL_MS/ })
})

t.test('[CF3] an unknown name is not ignored, an empty value is', async t => {
  t.throws(() => config({ TONGPING_HTTPS_PROT: '1' }), { message: /TONGPING_HTTPS_PROT is not a setting/ })
  t.equal(config({ TONGPING_HTTPS_PORT: ' ' }).http.httpsPort, 8443)
})

t.test('[CF4] contradictions stop the start with one line', async t => {
  for (const [variables, message] of [
    [{ TONGPING_TLS_CERT_FILE: 'a.pem' }, /go together/],
    [{ TONGPING_RTP_PORT_MIN: '30000', TONGPING_RTP_PORT_MAX: '30001' }, /four ports/],
    [{ TONGPING_WEBRTC_PORT: '20500' }, /lies inside/],
    [{ TONGPING_DRACHTIO_HOST: '10.0.0.1' }, /TONGPING_DRACHTIO_SECRET/],
    [{ TONGPING_DRACHTIO_HOST: 'd', TONGPING_DRACHTIO_SECRET: 's', TONGPING_SIP_PORT: '5060' }, /embedded SIP server/],
    [{ TONGPING_SMS_WEBHOOK_SECRET: 'x' }, /TONGPING_SMS_WEBHOOK_URL/],
    [{ TONGPING_HTTP_PORT: '9000', TONGPING_HTTPS_PORT: '9000' }, /must differ/],
    [{ TONGPING_PUSH_LINK_DOMAINS: 'com' }, /no domain/],
    [{ TONGPING_PUSH_LINK_DOMAINS: 'https://example.com' }, /no domain/],
    [{ TONGPING_PUSH_LINK_DOMAINS: '10.0.0.1' }, /no domain/],
    [{ TONGPING_S3_BUCKET: 'b' }, /go together/],
    [{ TONGPING_SIP_AUTH_USERS: 'nocolon' }, /user:password/],
    [{ TONGPING_SIP_TLS_PORT: '5061' }, /TONGPING_SIP_TLS_CERT_FILE/],
    [{ TONGPING_SIP_TLS_CERT_FILE: 'a.pem' }, /TONGPING_SIP_TLS_KEY_FILE/],
    [{ TONGPING_TSA_URLS: 'tsa.example.com' }, /TONGPING_TSA_URLS/],
    [{ TONGPING_TSA_CA_FILE: 'ca.pem' }, /needs TONGPING_TSA_URLS/],
    [{ TONGPING_ANCHOR_WEBHOOK_SECRET: 'x' }, /TONGPING_ANCHOR_WEBHOOK_URL/],
  ] as const) {
    t.throws(() => config(variables), { name: 'ConfigError', message })
  }
  t.ok(new ConfigError('x') instanceof Error)
})

t.test('[CF5] every variable is listed in .env.example, and nothing else is', async t => {
  const example = readFileSync(join(import.meta.dirname, '../.env.example'), 'utf8')
  const listed = new Set([...example.matchAll(/^#([A-Z][A-Z0-9_]+)=/gm)].map(match => match[1]))
  const source = readFileSync(join(import.meta.dirname, 'env.ts'), 'utf8')
  const read = new Set([...source.matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)].map(match => match[1]))
  t.ok(read.size > 30)
  t.same([...listed].sort(), [...read].sort())
})
