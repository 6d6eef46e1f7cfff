/**
 * What a server must do with a message: `application`: it is fine, whatever is odd about it is the application's to judge;
 * a status: the server answers itself; `silence`: nothing comes back.
 */
export type TortureOutcome = 'application' | 'silence' | 400 | 416 | 501 | 505

/** A message with the oddity that one section of RFC 4475 describes, written anew; `bytes` goes over the wire as it is. */
export type TortureMessage = {
  readonly section: string
  readonly name: string
  readonly bytes: Buffer
  readonly outcome: TortureOutcome
}

export function torture(
  section: string,
  name: string,
  outcome: TortureOutcome,
  lines: readonly string[],
  body: string | Buffer = '',
): TortureMessage {
  const bytes = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8'), Buffer.from(body as string)])
  return { section, name, bytes, outcome }
}

export type CommonHeaders = Partial<Record<'via' | 'from' | 'to' | 'callId' | 'cseq', string>>

/** A request with everything that is mandatory, some of it replaced. */
export function tortureRequest(
  [section, name, outcome]: readonly [string, string, TortureOutcome],
  startLine: string,
  headers: CommonHeaders = {},
  more: readonly string[] = [],
  body: string | Buffer = '',
): TortureMessage {
  const method = startLine.split(' ')[0]
  const lines = [
    startLine,
    headers.via ?? `Via: SIP/2.0/UDP torture.example.com;branch=z9hG4bK-${name}`,
    'Max-Forwards: 70',
    headers.from ?? 'From: <sip:caller@example.net>;tag=4475',
    headers.to ?? 'To: <sip:callee@example.com>',
    headers.callId ?? `Call-ID: ${name}.4475@192.0.2.4`,
    headers.cseq ?? `CSeq: 23 ${method}`,
    ...more,
  ]
  return torture(section, name, outcome, lines, body)
}

export const tortureSdp = [
  'v=0',
  'o=torture 29739 7272939 IN IP4 192.0.2.1',
  's=-',
  'c=IN IP4 192.0.2.1',
  't=0 0',
  'm=audio 49217 RTP/AVP 0 12',
  'm=video 3227 RTP/AVP 31',
  'a=rtpmap:31 LPC',
  '',
].join('\r\n')

export const sdpHeaders: readonly string[] = ['Content-Type: application/sdp', `Content-Length: ${tortureSdp.length}`]
export const tortureContact = 'Contact: <sip:caller@host5.example.net>'
