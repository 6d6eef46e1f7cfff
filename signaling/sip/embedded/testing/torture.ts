/** A message in the manner of RFC 4475, written anew; `ok` says whether our parser must accept it. */
export type TortureMessage = { readonly name: string; readonly text: string; readonly ok: boolean }

const via = 'Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bKkdjuw'

function message(name: string, ok: boolean, lines: readonly string[], body = ''): TortureMessage {
  return { name, ok, text: `${lines.join('\r\n')}\r\n\r\n${body}` }
}

function request(
  name: string,
  ok: boolean,
  method: string,
  changes: Partial<Record<'start' | 'via' | 'from' | 'to' | 'cid' | 'cseq', string>>,
  more: readonly string[] = [],
  body = '',
): TortureMessage {
  return message(
    name,
    ok,
    [
      changes.start ?? `${method} sip:user@example.com SIP/2.0`,
      changes.via ?? via,
      changes.from ?? 'From: <sip:caller@example.net>;tag=341518',
      changes.to ?? 'To: <sip:user@example.com>',
      changes.cid ?? `Call-ID: ${name}.torture`,
      changes.cseq ?? `CSeq: 8 ${method}`,
      'Max-Forwards: 70',
      ...more,
    ],
    body,
  )
}

export const torture: readonly TortureMessage[] = [
  message(
    '3.1.1.1 short tortuous INVITE',
    true,
    [
      'INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0',
      'TO :',
      ' sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n',
      'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>',
      '  ;',
      '  tag = 98asjd8',
      'MaX-fOrWaRdS: 0068',
      'Call-ID: wsinv.ndaksdj@192.0.2.1',
      'Content-Length   : 4',
      'cseq: 0009',
      '  INVITE',
      'Via  : SIP  /   2.0',
      ' /UDP',
      '    192.0.2.2;branch=390skdjuw',
      's :',
      'NewFangledHeader:   newfangled value',
      ' continued newfangled value',
      'UnknownHeaderWithUnusualValue: ;;,,;;,;',
      'Route:',
      ' <sip:services.example.com;lr;unknownwith=value;unknown-no-value>',
      'v:  SIP  / 2.0  / TCP     spindle.example.com   ;',
      '  branch  =   z9hG4bK9ikj8  ,',
      ' SIP  /    2.0   / UDP  192.168.255.111   ; branch=',
      ' z9hG4bK30239',
      'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =',
      '      newvalue ;',
      '  secondparam ; q = 0.33',
    ],
    'v=0\r',
  ),
  request(
    '3.1.1.2 wide range of characters',
    true,
    "!interesting-Method0123456789_*+`.%indeed'~",
    {
      start:
        "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0",
    },
    ["extensionHeader-!.%*+_`'~:\ufeff大停電"],
  ),
  request('3.1.1.4 escaped nulls in uris', true, 'REGISTER', { to: 'To: sip:null-%00-null@example.com' }, ['L:0']),
  request('3.1.1.6 spaces before laquot in Contact', true, 'OPTIONS', {}, ['m: "Quoted"<sip:a@b.c>', 'L: 0']),
  request('3.1.1.7 long values', true, 'INVITE', {
    from: `From: "${'x'.repeat(3000)}" <sip:${'u'.repeat(1000)}@example.net>;tag=1`,
  }),
  request(
    '3.1.1.8 extra trailing octets',
    true,
    'REGISTER',
    {},
    ['l: 0'],
    'INVITE sip:joe@example.com SIP/2.0\r\n\r\nleftover',
  ),
  request('3.1.1.9 semicolons in the user part', true, 'OPTIONS', {
    start: 'OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0',
  }),
  request('3.1.1.10 varied and unknown transports', true, 'OPTIONS', {
    via: 'Via: SIP/2.0/FOOBAR t1.example.com;branch=z9hG4bKa, SIP/2.0/SCTP t2.example.com;branch=z9hG4bKb',
  }),
  message('3.1.1.12 unusual reason phrase', true, [
    'SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое',
    via,
    'From: <sip:caller@example.net>;tag=1',
    'To: <sip:user@example.com>;tag=2',
    'Call-ID: unreason',
    'CSeq: 35 INVITE',
  ]),
  message('3.1.1.13 empty reason phrase', true, [
    'SIP/2.0 100 ',
    via,
    'From: <sip:a@b>;tag=1',
    'To: <sip:b@c>',
    'Call-ID: noreason',
    'CSeq: 35 INVITE',
  ]),
  message('3.1.2.1 extraneous header field separators', true, [
    'INVITE sip:user@example.com SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.15;;,;,,',
    'From: "J" <sip:caller@example.net>;;tag=1;,',
    'To: <sip:user@example.com>',
    'Call-ID: badinv01',
    'CSeq: 8 INVITE',
    'Contact: "Joe" <sip:joe@example.org>;;;;',
  ]),
  request('3.1.2.2 Content-Length larger than the message', false, 'INVITE', {}, ['Content-Length: 9999'], 'v=0\r\n'),
  request('3.1.2.3 negative Content-Length', false, 'INVITE', {}, ['Content-Length: -999'], 'v=0\r\n'),
  request('3.1.2.4 overlarge scalars in a request', false, 'REGISTER', { cseq: 'CSeq: 36893488147419103232 REGISTER' }),
  message('3.1.2.5 overlarge scalars in a response', false, [
    'SIP/2.0 503 Service Unavailable',
    via,
    'From: <sip:a@b>;tag=1',
    'To: <sip:b@c>;tag=2',
    'Call-ID: scalarlg',
    'CSeq: 9292394834772304023312 OPTIONS',
  ]),
  request('3.1.2.6 unterminated quoted string', false, 'INVITE', { to: 'To: "Mr. J. User <sip:j.user@example.com>' }),
  request('3.1.2.7 brackets around the request uri', true, 'INVITE', {
    start: 'INVITE <sip:user@example.com> SIP/2.0',
  }),
  request('3.1.2.8 spaces in the request uri', true, 'INVITE', { start: 'INVITE sip:user@example.com; lr SIP/2.0' }),
  request('3.1.2.11 date without zone', true, 'INVITE', {}, ['Date: Fri, 01 Jan 2010 16:00:00']),
  request('3.1.2.13 failure to enclose a uri in brackets', true, 'REGISTER', {}, [
    'Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E',
  ]),
  request('3.1.2.16 unknown protocol version', false, 'OPTIONS', { start: 'OPTIONS sip:t1@example.com SIP/7.0' }),
  request('3.1.2.17 start line and CSeq disagree', false, 'OPTIONS', { cseq: 'CSeq: 8 INVITE' }),
  request('3.1.2.18 unknown method and CSeq disagree', false, 'NEWMETHOD', { cseq: 'CSeq: 8 INVITE' }),
  message('3.1.2.19 overlarge response code', false, [
    'SIP/2.0 4294967301 better not break the receiver',
    via,
    'From: <sip:a@b>;tag=1',
    'To: <sip:b@c>',
    'Call-ID: bigcode',
    'CSeq: 353494 INVITE',
  ]),
  request('3.2.1 missing transaction identifier', true, 'OPTIONS', {
    via: 'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK',
  }),
  message(
    '3.3.1 missing required headers',
    false,
    [
      'INVITE sip:user@example.com SIP/2.0',
      'CSeq: 193942 INVITE',
      'Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf',
      'Content-Type: application/sdp',
      'l: 3',
    ],
    'v=0',
  ),
  request('3.3.2 unknown uri scheme', true, 'OPTIONS', {
    start: 'OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0',
  }),
  request('3.3.8 multiple single-valued headers', false, 'INVITE', {}, [
    'CSeq: 5 INVITE',
    'From: <sip:other@example.net>;tag=2',
  ]),
  request(
    '3.3.9 several Content-Length values',
    false,
    'OPTIONS',
    {},
    ['Content-Length: 13', 'Content-Length: 5'],
    'There is no way to know',
  ),
  message('3.3.10 200 to REGISTER with broken Via', true, [
    'SIP/2.0 200 OK',
    'Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKmp17a, SIP/2.0/TCP 192.0.2.2;branch=z9hG4bKmp17b',
    'From: <sip:a@b>;tag=1',
    'To: <sip:b@c>;tag=2',
    'Call-ID: mp17',
    'CSeq: 3 REGISTER',
    'Contact: <sip:u@h>;expires=',
  ]),
  request('3.3.15 Max-Forwards of zero', true, 'OPTIONS', {}, ['Max-Forwards: 0']),
  request('3.4.1 INVITE of an RFC 2543 element', true, 'INVITE', {
    via: 'Via: SIP/2.0/UDP iftgw.example.com',
    from: 'From: <sip:+13035551111@ift.client.example.net;user=phone>',
  }),
]
