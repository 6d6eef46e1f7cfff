import t from 'tap'
import { AddressList } from './address-list.ts'
import { callerNumber, userOf } from './caller-number.ts'

const number = (from: string, assertedIdentity?: string, privacy?: string) =>
  callerNumber({ from, assertedIdentity, privacy })

t.test('[SD30] the number comes from the asserted identity, else from From', async t => {
  t.equal(number('"Li" <sip:13800138000@10.0.0.1>;tag=1'), '13800138000')
  t.equal(number('<sip:1@a>', '<sip:+8613800138000@trunk;user=phone>'), '+8613800138000')
  t.equal(number('<sip:1@a>', '"x" <tel:+86-138-0013-8000;phone-context=cn>, <sip:2@b>'), '+8613800138000')
  t.equal(number('sip:alice@example.org;tag=x'), 'alice')
  t.equal(number('<sip:%2b49(30)123-4@h:5060;transport=udp>'), '+49301234')
  t.equal(number('<sip:+4930;npdi@h>'), '+4930')
})

t.test('[SD31] withheld numbers read anonymous, whatever else is there', async t => {
  t.equal(number('"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1'), 'anonymous')
  t.equal(number('<sip:Restricted@h>'), 'anonymous')
  t.equal(number('<sip:h.example>'), 'anonymous')
  t.equal(number('<sip:13800138000@h>', '<sip:13800138000@h>', 'id;critical'), 'anonymous')
  t.equal(number('<sip:13800138000@h>', undefined, 'none'), '13800138000')
})

t.test('[SD32] hostile text neither breaks out nor grows', async t => {
  t.equal(userOf('<sip:<script>@h>').includes('<'), false)
  t.equal(userOf(`<sip:${'9'.repeat(500)}@h>`).length, 64)
  t.equal(userOf('<sip:%zz@h>'), 'zz')
  t.equal(userOf('sip:bob:secret@h'), 'bob')
  t.equal(userOf(''), '')
  t.equal(
    number('"\\"x\\" <sip:110@h>" <sip:13800138000@h>;tag=1'),
    '13800138000',
    'an address in the display name is a name',
  )
  t.equal(
    number('"110 <tel:110>" <sip:13800138000@h>', '"Bank, <sip:95588@h>" <sip:+8613800138000@h>'),
    '+8613800138000',
  )
  t.equal(number('"<sip:110@h> <sip:13800138000@h>'), 'anonymous', 'a name that is never closed hides everything')
})

t.test('[SD33] allow-list: addresses and ranges of both families', async t => {
  const list = new AddressList(['192.0.2.0/24', '10.1.2.3', '2001:db8::/32'])
  t.equal(list.has('192.0.2.200'), true)
  t.equal(list.has('10.1.2.3'), true)
  t.equal(list.has('10.1.2.4'), false)
  t.equal(list.has('[2001:db8::5]'), true)
  t.equal(list.has('trunk.example'), false)
  for (const bad of ['10.0.0.0/33', 'trunk.example', '10.0.0.0/', ''])
    t.throws(() => new AddressList([bad]), RangeError)
})
