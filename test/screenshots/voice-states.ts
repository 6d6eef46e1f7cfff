import { simulateScreen } from '../harness/simulated-screen.ts'
import type { Album } from './album.ts'
import { SMALL_PHONE } from './pictured-call.ts'
import { VoiceHouse } from './voice-house.ts'

/** Every state of the voice panel and of the phone's page that goes with it, from calls of a real server. */
export async function voiceIsPictured(album: Album): Promise<void> {
  const house = await VoiceHouse.open(album)
  try {
    await album.part('dialling', () => dialling(house))
    await album.part('hold', () => holding(house))
    await album.part('transfer', () => transferring(house))
    await album.part('consultation', () => consulting(house))
    await album.part('desk phone', () => speakingByPhone(house))
    await album.part('held elsewhere', () => heldElsewhere(house))
  } finally {
    await house.close()
  }
}

async function dialling(house: VoiceHouse): Promise<void> {
  const { agent, line } = house
  await house.shot('free')
  await agent.by('dial-to').fill('900123')
  await agent.by('dial').click()
  await agent.page.locator('.failure').waitFor()
  await house.shot('dial-refused')
  await agent.page.locator('.failure button').click()
  const invite = await house.dial()
  await house.state('dial-trying')
  await house.shot('dial-trying')
  line.answer(invite, 180)
  await house.state('dial-ringing')
  await house.shot('dial-ringing')
  line.answer(invite, 183)
  await house.state('dial-early-media')
  await house.shot('dial-early')
  line.answer(invite, 486)
  await agent.by('ended-call').waitFor()
  await house.shot('dial-busy')
  await agent.by('dismiss').click()
}

async function holding(house: VoiceHouse): Promise<void> {
  const { agent, album, line, phone } = await talking(house)
  await house.shot('connected')
  await agent.by('keypad').click()
  await agent.by('key-5').click()
  await house.shot('keypad')
  await agent.page.keyboard.press('Escape')
  await agent.by('mute').click()
  await house.state('muted')
  await house.shot('muted')
  await agent.by('mute').click()

  await agent.by('hold').click()
  await house.state('hold-asked')
  await house.shot('hold-asked')
  await line.takesOffer()
  await house.state('hold-held')
  await house.shot('hold-held')
  await phone.by('veil').waitFor()
  await album.shot(phone.page, 'voice-phone-held')
  await album.shotAt(phone.page, SMALL_PHONE, 'voice-phone-held-320')
  await agent.by('hold').click()
  await house.state('hold-retrieving')
  await house.shot('hold-retrieving')
  line.answer(await line.nextOffer(), 488)
  await house.state('hold-unsignalled')
  await house.shot('hold-refused')
  await agent.page.locator('.failure button').click()
  await agent.by('hold').click()
  await line.takesOffer()
  await house.state('connected')

  await line.holds('caller', true)
  await agent.by('held').waitFor()
  await house.shot('held-by-caller')
  await album.shot(phone.page, 'voice-phone-holds')
  await line.holds('caller', false)
  await agent.by('held').waitFor({ state: 'detached' })

  await agent.page.evaluate(simulateScreen, {
    colour: '#1f4e8c',
    words: album.say('报修流程', 'How to order a repair'),
  })
  await agent.page.keyboard.press('Shift+P')
  await agent.by('push-tab-share').click()
  await agent.by('share-start').click()
  await phone.by('share').waitFor()
  await agent.by('hold').click()
  await line.takesOffer()
  await house.state('hold-held')
  await house.shot('share-held')
  await album.shot(phone.page, 'voice-phone-share-held')
  await album.shotAt(phone.page, SMALL_PHONE, 'voice-phone-share-held-320')
  await agent.by('share-stop').click()
  await agent.page.keyboard.press('Escape')
  await agent.by('hold').click()
  await line.takesOffer()
  await house.state('connected')
}

async function talking(house: VoiceHouse): Promise<VoiceHouse> {
  await house.talk()
  await house.join()
  return house
}

async function transferring(house: VoiceHouse): Promise<void> {
  const { agent, line } = house
  await agent.by('transfer').click()
  await agent.by('transfer-to').fill('8002')
  await house.shot('transfer-form')
  await agent.by('transfer-now').click()
  await line.takesOffer()
  const refer = await line.peer.nextRequest('REFER', 8000)
  await house.state('transfer-asked')
  await house.shot('transfer-asked')
  line.peer.respond(refer, 202)
  await line.tells(refer, 180)
  await house.state('transfer-ringing')
  await house.shot('transfer-ringing')
  await line.tells(refer, 486)
  await line.takesOffer()
  await agent.by('voice-failed').waitFor()
  await house.shot('transfer-failed')
  await agent.by('voice-failed-read').click()
}

async function consulting(house: VoiceHouse): Promise<void> {
  const { agent, album, line, phone } = house
  const ask = async () => {
    await agent.by('transfer').click()
    await agent.by('transfer-to').fill('10086')
    await agent.by('consult').click()
    await line.takesOffer()
    const invite = await line.called('other')
    await house.state('consult-dialling')
    return invite
  }
  const first = await ask()
  await house.shot('consult-dialling')
  line.answer(first, 180)
  await house.state('consult-ringing')
  await house.shot('consult-ringing')
  line.answer(first)
  await house.state('consult-consulted')
  await house.shot('consult-consulted')
  await agent.by('keypad').click()
  await agent.by('key-1').click()
  await house.shot('consult-keypad')
  await agent.page.keyboard.press('Escape')
  await agent.by('swap').click()
  await Promise.all([line.takesOffer(), line.takesOffer()])
  await house.state('consult-caller')
  await house.shot('consult-caller')
  await agent.by('swap').click()
  await Promise.all([line.takesOffer(), line.takesOffer()])
  await house.state('consult-consulted')
  line.hangsUp('other')
  await line.takesOffer()
  await house.state('connected')
  await house.shot('consult-left')
  await agent.by('voice-failed-read').click()

  line.answer(await ask())
  await house.state('consult-consulted')
  await agent.by('connect').click()
  const refer = await line.peer.nextRequest('REFER', 8000)
  line.peer.respond(refer, 202)
  await line.tells(refer, 100)
  await house.state('transfer-trying')
  await house.shot('connect-trying')
  line.join()
  line.hangsUp('other')
  await line.tells(refer, 200)
  await line.hungUpOn()
  await agent.by('ended-call').waitFor()
  await house.shot('transferred')
  await phone.by('transferred').waitFor()
  await album.shot(phone.page, 'voice-phone-transferred')
  await album.shotAt(phone.page, SMALL_PHONE, 'voice-phone-transferred-320')
  await agent.by('dismiss').click()
}

async function speakingByPhone(house: VoiceHouse): Promise<void> {
  const { agent, desk, line } = house
  await house.talk()
  await agent.by('speak-by-other').click()
  const moved = await desk.peer.nextRequest('INVITE', 8000)
  desk.answer(moved, { status: 100 })
  await house.state('phone-called')
  await house.shot('phone-called')
  desk.answer(moved, { status: 180 })
  await house.state('phone-ringing')
  await house.shot('phone-ringing')
  desk.answer(moved, { status: 486 })
  await agent.by('voice-failed').waitFor()
  await house.shot('phone-busy')
  await agent.by('speak-by-other').click()
  const again = await desk.peer.nextRequest('INVITE', 8000)
  desk.answer(again)
  await house.state('phone-talking')
  await house.shot('phone-talking')
  await house.hangUp()
  desk.peer.respond(await desk.peer.nextRequest('BYE', 8000), 200)

  await agent.by('speak-by-phone').click()
  await agent.page.locator('[data-test="speak-by-phone"][aria-pressed="true"]').waitFor()
  await house.shot('phone-chosen')
  line.peer.request('INVITE', { body: line.parties.caller.sdp() })
  await agent.by('answer').waitFor()
  await house.shot('phone-incoming')
  await agent.by('answer').click()
  const taken = await desk.peer.nextRequest('INVITE', 8000)
  desk.answer(taken, { status: 180 })
  await house.state('phone-ringing')
  await house.shot('phone-answering')
  desk.answer(taken)
  const ok = await line.peer.nextResponse(200, 'INVITE', 8000)
  line.peer.inDialog('ACK', ok, 1)
  await house.state('phone-talking')
  desk.within(taken, 'BYE', 9)
  await desk.peer.nextResponse(200, 'BYE')
  line.peer.respond(await line.peer.nextRequest('BYE', 8000), 200)
  await agent.by('ended-call').waitFor()
  await agent.by('dismiss').click()
  await agent.by('speak-by-browser').click()
}

async function heldElsewhere(house: VoiceHouse): Promise<void> {
  const { agent, album, acd } = house
  const name = album.say('订单', 'Order')
  const reply = await acd.post('/api/external-calls', {
    ...{ externalId: 'acd-7781-0042', agentId: 'agent', callerNumber: '13800138077', calledNumber: '4008001234' },
    ...{ language: album.language === 'zh-CN' ? 'zh-CN' : 'en', attributes: { [name]: 'B-2026-11' } },
  })
  if (reply.status !== 200) throw new Error(`refused: ${JSON.stringify(reply.body)}`)
  await agent.by('external-call').waitFor()
  await house.shot('elsewhere')
  await acd.post('/api/external-calls/acd-7781-0042/end')
  await agent.by('ended-call').waitFor()
  await house.shot('elsewhere-ended')
}
