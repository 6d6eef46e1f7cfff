import t from 'tap'
import { ConfigError } from '../env.ts'
import { decideTrunk } from './trunk-choice.ts'

const uri = { TONGPING_TRUNK_URI: 'sip:carrier.example;transport=tcp', TONGPING_TRUNK_FROM_NUMBER: '4008001234' }

t.test(
  '[OC23] without a trunk nobody calls out, without patterns neither; settings that contradict each other are refused',
  async t => {
    t.equal(decideTrunk({}), undefined)
    t.match(decideTrunk(uri), {
      trunk: { proxy: uri.TONGPING_TRUNK_URI, fromNumber: '4008001234', assertIdentity: false },
      line: { keepAliveMs: 30_000 },
      dial: { allow: [], maxCalls: 10 },
    })
    t.match(
      decideTrunk({
        TONGPING_TRUNK_URI: 'sip:c.example',
        TONGPING_TRUNK_USER: '4001',
        TONGPING_TRUNK_PASSWORD: 'x',
        TONGPING_TRUNK_REGISTER_SECONDS: 600,
        TONGPING_TRUNK_KEEPALIVE_SECONDS: 0,
        TONGPING_DIAL_ALLOW: ['+86*'],
      }),
      { trunk: { fromNumber: '4001', credentials: { username: '4001' } }, line: { register: { expiresS: 600 } } },
    )
    const tls = { TONGPING_SIP_TLS_CERT_FILE: 'a', TONGPING_SIP_TLS_KEY_FILE: 'b' }
    t.ok(decideTrunk({ ...uri, ...tls, TONGPING_TRUNK_URI: 'sips:carrier.example:5061' }))
    t.ok(
      decideTrunk({ ...uri, TONGPING_DRACHTIO_HOST: 'sip', TONGPING_TRUNK_URI: 'sip:carrier.example;transport=tls' }),
    )
    t.ok(
      decideTrunk({
        ...{ ...uri, TONGPING_TRUNK_URI: 'sip:192.0.2.1' },
        ...{ TONGPING_SIP_TRUNKS: ['192.0.2.9'], TONGPING_TRUNK_KEEPALIVE_SECONDS: 0 },
      }),
      'an address is known as it is',
    )
    for (const wrong of [
      { TONGPING_DIAL_ALLOW: ['1*'] },
      { TONGPING_TRUNK_USER: 'u', TONGPING_TRUNK_PASSWORD: 'p' },
      { TONGPING_TRUNK_URI: 'carrier.example' },
      { TONGPING_TRUNK_URI: 'sip:carrier.example' },
      { ...uri, TONGPING_TRUNK_USER: 'u' },
      { ...uri, TONGPING_TRUNK_URI: 'sips:carrier.example' },
      { ...uri, TONGPING_TRUNK_URI: 'sip:carrier.example;transport=tls' },
      { ...uri, TONGPING_TRUNK_URI: 'sips:carrier.example;transport=tcp' },
      { ...uri, TONGPING_TRUNK_URI: 'sip:carrier.example;transport=ws' },
      { ...uri, TONGPING_SIP_TRUNKS: ['192.0.2.1'], TONGPING_TRUNK_KEEPALIVE_SECONDS: 0 },
      { ...uri, TONGPING_DIAL_ALLOW: ['1*2'] },
    ])
      t.throws(() => decideTrunk(wrong), ConfigError)
  },
)
