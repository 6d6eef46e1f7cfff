import {
  sdpHeaders,
  type TortureMessage,
  torture,
  tortureContact,
  tortureRequest,
  tortureSdp,
} from './torture-message.ts'

const long = 'very'.repeat(60)
const oddMethod = "!odd-Method0123456789_*+`.%indeed'~"
const oddUser = "1_odd.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
const binaryPart = Buffer.from([
  0x30, 0x82, 0x00, 0x0d, 0x0a, 0xff, 0xfe, 0x80, 0x2d, 0x2d, 0x00, 0x0d, 0x0a, 0x0d, 0x0a, 0xc3,
])

/** RFC 4475 3.1.1: strange, and right. */
export const tortureValid: readonly TortureMessage[] = [
  torture(
    '3.1.1.1',
    'wsinv',
    'application',
    [
      'INVITE sip:anna@chair.example.com;unknownparam SIP/2.0',
      'TO :',
      ' sip:anna@chair.example.com ;   tagless    = yes',
      'from   : "J Torture \\\\\\""       <sip:jt@example.com>',
      '  ;',
      '  tag = 98asjd8',
      'MaX-fOrWaRdS: 0068',
      'Call-ID: wsinv.4475@192.0.2.1',
      `Content-Length   : ${tortureSdp.length}`,
      'cseq: 0009',
      '  INVITE',
      'Via  : SIP  /   2.0',
      ' /UDP',
      '    192.0.2.2;branch=390skdjuw',
      's :',
      'NewFangledHeader:   newfangled value',
      ' continued newfangled value',
      'UnknownHeaderWithUnusualValue: ;;,,;;,;',
      'Content-Type: application/sdp',
      'Route:',
      ' <sip:services.example.com;lr;unknownwith=value;unknown-no-value>',
      'v:  SIP  / 2.0  / TCP     spindle.example.com   ;',
      '  branch  =   z9hG4bK9ikj8  ,',
      ' SIP  /    2.0   / UDP  192.168.255.111   ; branch=',
      ' z9hG4bK30239',
      'm:"Quoted string \\"\\"" <sip:jt@example.com> ; newparam =',
      '      newvalue ;',
      '  secondparam ; q = 0.33',
    ],
    tortureSdp,
  ),
  tortureRequest(
    ['3.1.1.2', 'intmeth', 501],
    `${oddMethod} sip:${oddUser}:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0`,
    {
      to: `To: "BEL:\\\x07 NUL:\\\x00 DEL:\\\x7F" <sip:${oddUser}@example.com>`,
      from: "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"работающий\";tag=_token~1'+`*%!-.",
      callId: 'Call-ID: intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{',
      cseq: `CSeq: 139122385 ${oddMethod}`,
    },
    ["extensionHeader-!.%*+_`'~:\ufeff大停電", 'Content-Length: 0'],
  ),
  tortureRequest(
    ['3.1.1.3', 'esc01', 'application'],
    'INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0',
    { to: 'To: sip:%75se%72@example.com', from: 'From: <sip:I%20have%20spaces@example.net>;tag=938' },
    ['Contact:', '  <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>', ...sdpHeaders],
    tortureSdp,
  ),
  tortureRequest(
    ['3.1.1.4', 'escnull', 'application'],
    'REGISTER sip:example.com SIP/2.0',
    { to: 'To: sip:null-%00-null@example.com', from: 'From: sip:null-%00-null@example.com;tag=839923423' },
    ['Contact: <sip:%00@host5.example.com>', 'Contact: <sip:%00%00@host5.example.com>', 'L:0'],
  ),
  tortureRequest(
    ['3.1.1.5', 'esc02', 501],
    'RE%47IST%45R sip:registrar.example.com SIP/2.0',
    {
      to: 'To: "%Z%45" <sip:resource@example.com>',
      from: 'From: "%Z%45" <sip:resource@example.com>;tag=f232jadfj23',
      via: 'Via: SIP/2.0/UDP host.example.com;branch=z9hG4bK209%fzsnel234',
    },
    [
      'Contact: <sip:a1@host1.example.com>',
      'C%6Fntact: <sip:a2@host2.example.com>',
      'Contact: <sip:a3@h.example.com>',
      'l: 0',
    ],
  ),
  tortureRequest(
    ['3.1.1.6', 'lwsdisp', 'application'],
    'OPTIONS sip:user@example.com SIP/2.0',
    { from: 'From: caller<sip:caller@example.com>;tag=323' },
    ['l: 0'],
  ),
  tortureRequest(
    ['3.1.1.7', 'longreq', 'application'],
    `INVITE sip:user@example.com;unknown-${long}-param=${long} SIP/2.0`,
    {
      to: `To: "I have a user name of ${long} extreme proportion"<sip:user@example.com:6000;unknownparam1=${long};long-${long}-uri=x;veryshort>`,
      from: `F: sip:${'amazinglylongcallername'.repeat(5)}@example.net;tag=${'12'.repeat(120)}424;unknown${long}Name=${long};unknownValueless${long}Parameter`,
      callId: `Call-ID: longreq.one${'really'.repeat(22)}longcallid`,
      cseq: 'CSeq: 3882340 INVITE',
      via: `Via: SIP/2.0/UDP sip33.example.com;branch=z9hG4bK-long`,
    },
    [
      `Unknown-${long}-Header: unknown-${long}-header-value; unknown-${long}-param=x`,
      ...Array.from({ length: 34 }, (_, hop) => `v: SIP/2.0/TCP sip${hop}.example.com;branch=z9hG4bK${hop}`),
      tortureContact,
      ...sdpHeaders,
    ],
    tortureSdp,
  ),
  tortureRequest(
    ['3.1.1.8', 'dblreq', 'application'],
    'REGISTER sip:example.com SIP/2.0',
    {},
    ['Contact: <sip:j.user@host.example.com>', 'Content-Length: 0'],
    `INVITE sip:joe@example.com SIP/2.0\r\nt: sip:joe@example.com\r\nFrom: sip:c@example.net;tag=1\r\nCall-ID: inner\r\nCSeq: 8 INVITE\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKinner\r\nContent-Length: 0\r\n\r\n`,
  ),
  tortureRequest(['3.1.1.9', 'semiuri', 'application'], 'OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0', {
    to: 'To: sip:j_user@example.com',
    from: 'From: sip:caller@example.org;tag=33242',
  }),
  tortureRequest(['3.1.1.10', 'transports', 'application'], 'OPTIONS sip:user@example.com SIP/2.0', {}, [
    'Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf',
    'Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj',
    'Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en',
    'Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee',
    'l: 0',
  ]),
  mpart01(),
  torture('3.1.1.12', 'unreason', 'silence', [
    'SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое',
    'Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923',
    'Call-ID: unreason.1234ksdfak3j2erwedfsASdf',
    'CSeq: 35 INVITE',
    'From: sip:user@example.com;tag=11141343',
    'To: sip:user@example.edu;tag=2229',
    'Content-Length: 0',
    'Contact: <sip:user@host198.example.com>',
  ]),
  torture('3.1.1.13', 'noreason', 'silence', [
    'SIP/2.0 100 ',
    'Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe',
    'Call-ID: noreason.asndj203insdf99223ndf',
    'CSeq: 35 INVITE',
    'From: <sip:user@example.com>;tag=39ansfi3',
    'To: <sip:user@example.edu>;tag=902jndnke3',
    'Content-Length: 0',
  ]),
]

/** Multipart with a part that is no text at all. */
function mpart01(): TortureMessage {
  const text =
    '--7a9cbec02ceef655\r\nContent-Type: text/plain\r\n\r\nHello\r\n--7a9cbec02ceef655\r\nContent-Type: application/octet-stream\r\n\r\n'
  const body = Buffer.concat([Buffer.from(text), binaryPart, Buffer.from('\r\n--7a9cbec02ceef655--')])
  const headers = ['Content-Type: multipart/mixed;boundary=7a9cbec02ceef655', `Content-Length: ${body.length}`]
  return tortureRequest(
    ['3.1.1.11', 'mpart01', 'application'],
    'MESSAGE sip:kumiko@example.org SIP/2.0',
    {},
    headers,
    body,
  )
}
