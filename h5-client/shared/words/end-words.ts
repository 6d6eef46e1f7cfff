import type { CallEnd } from '../../../signaling/protocol/call.ts'
import type { ConsoleWords } from './zh-CN/console.ts'

type Said = keyof ConsoleWords['peerReasons']

/** Causes that say more than that somebody hung up; SIP status codes and causes of Q.850 (RFC 3326). */
const SAID: Readonly<Record<'SIP' | 'Q.850', ReadonlyMap<number, Said>>> = {
  SIP: new Map<number, Said>([
    [200, 'elsewhere'],
    [408, 'no-answer'],
    [480, 'no-answer'],
    [486, 'busy'],
    [500, 'network'],
    [502, 'network'],
    [503, 'network'],
    [504, 'network'],
    [600, 'busy'],
    [603, 'declined'],
  ]),
  'Q.850': new Map<number, Said>([
    [17, 'busy'],
    [18, 'no-answer'],
    [19, 'no-answer'],
    [21, 'declined'],
    [26, 'elsewhere'],
    [27, 'network'],
    [34, 'network'],
    [38, 'network'],
    [41, 'network'],
    [42, 'network'],
    [47, 'network'],
    [102, 'network'],
  ]),
}
/** An ordinary end, and a CANCEL that says of itself that it is one. */
const ORDINARY: Readonly<Record<'SIP' | 'Q.850', readonly number[]>> = { SIP: [487], 'Q.850': [16, 31] }

/** Why a call ended, in a few words, with what the other side’s network said of it where that says more. */
export function endWords(end: CallEnd, words: ConsoleWords): string {
  const why = words.ends[end.cause]
  if (end.cause === 'not-reached') return words.endBecause(why, words.dialFailures[end.failure])
  const { reason } = { reason: undefined, ...end }
  if (typeof reason !== 'object' || ORDINARY[reason.protocol].includes(reason.cause)) return why
  const said = SAID[reason.protocol].get(reason.cause)
  return words.endBecause(why, said === undefined ? `${reason.protocol} ${reason.cause}` : words.peerReasons[said])
}
