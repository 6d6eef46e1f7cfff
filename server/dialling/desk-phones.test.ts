import t from 'tap'
import type { SpeaksBy } from '../../signaling/protocol/desk-phone.ts'
import type { UserId } from '../../signaling/protocol/ids.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { OutgoingCall } from '../../signaling/sip/outgoing-invite.ts'
import type { Trunk } from '../../signaling/sip/trunk.ts'
import { DeskPhones } from './desk-phones.ts'

const TRUNK: Trunk = { name: 'trunk', proxy: 'sip:carrier.example', fromNumber: '4008001234' }
const agent: UserId = newId('user')

function open(o: { deskPhone?: string; allow?: string[]; trunk?: Trunk | undefined }) {
  const user = { deskPhone: o.deskPhone, speaksBy: 'browser' as SpeaksBy }
  const calls: OutgoingCall[] = []
  const phones = new DeskPhones({
    users: {
      byId: id => (id === agent ? user : undefined),
      change: async (_, { speaksBy }) => {
        user.speaksBy = speaksBy
      },
    },
    allow: o.allow ?? ['*'],
    trunk: o.trunk,
    call: async call => {
      calls.push(call)
      return new Promise(() => {})
    },
  })
  const place = (to: string, caller = '13800138000') => {
    const placed = phones.place({ to, caller, sdp: 'v=0', onProvisional() {} })
    return { placed, call: calls.at(-1) }
  }
  return { phones, user, place }
}

t.test('[DP11] a number goes through the trunk as the trunk, an address to its own host as the caller', async t => {
  const { place } = open({ trunk: TRUNK })
  t.match(place('8001').call, { to: '8001', trunk: TRUNK, from: '4008001234', displayName: '13800138000' })
  const { call, placed } = place('sip:201@10.0.0.9:5070;transport=tcp')
  t.match(call, { to: 'sip:201@10.0.0.9:5070;transport=tcp', from: '13800138000' })
  t.equal(call?.trunk.proxy, 'sip:10.0.0.9:5070;transport=tcp')
  t.equal(call?.trunk.credentials, undefined, "the trunk's password goes to the trunk only")
  placed.giveUp()
  t.ok(call?.signal.aborted)
  t.equal(place('sip:201@pbx.example', '').call?.from, 'anonymous')
})

t.test('[DP11] no phone, one that is not allowed, a number without a trunk: nobody is called', async t => {
  t.equal(open({}).phones.of(agent), undefined)
  t.equal(open({ deskPhone: 'sip:201@pbx.example', allow: [] }).phones.of(agent), undefined)
  t.equal(open({ deskPhone: 'sip:301@pbx.example', allow: ['sip:2??@pbx.example'] }).phones.of(agent), undefined)
  const withoutTrunk = open({ deskPhone: '8001' })
  t.equal(withoutTrunk.phones.of(agent), undefined)
  t.throws(() => withoutTrunk.place('8001'), { code: 'unavailable' })
  await t.rejects(withoutTrunk.phones.choose(agent, 'phone'), { code: 'conflict' })
  t.equal(open({ deskPhone: '8001', trunk: TRUNK }).phones.of(newId('user')), undefined, "somebody else's")

  const { phones, user } = open({ deskPhone: '8001', trunk: TRUNK })
  t.same(phones.of(agent), { address: '8001', by: 'browser' })
  await phones.choose(agent, 'phone')
  t.equal(user.speaksBy, 'phone')
  user.deskPhone = undefined
  t.throws(() => phones.require(agent), { code: 'conflict' }, 'taken away')
  await phones.choose(agent, 'browser')
})
