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
    for (const wrong of [
      { TONGPING_DIAL_ALLOW: ['1*'] },
      { TONGPING_TRUNK_USER: 'u', TONGPING_TRUNK_PASSWORD: 'p' },
      { TONGPING_TRUNK_URI: 'carrier.example' },
      { TONGPING_TRUNK_URI: 'sip:carrier.example' },
      { ...uri, TONGPING_TRUNK_USER: 'u' },
      { ...uri, TONGPING_DIAL_ALLOW: ['1*2'] },
    ])
      t.throws(() => decideTrunk(wrong), ConfigError)
  },
)
