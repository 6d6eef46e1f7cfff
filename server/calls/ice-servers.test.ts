import { createHmac } from 'node:crypto'
import t from 'tap'
import { iceServers } from './ice-servers.ts'

t.test('[TU1] TURN credentials are those coturn computes from the shared secret, and run out', async t => {
  const turn = { urls: ['turn:turn.example.com'], secret: 'north' }
  const [server] = iceServers(turn, 'part_x', 1_000_000) ?? []
  t.equal(server?.username, '4600:part_x')
  t.equal(server?.credential, createHmac('sha1', 'north').update('4600:part_x').digest('base64'))
  t.equal(iceServers(undefined, 'part_x'), undefined)
})
