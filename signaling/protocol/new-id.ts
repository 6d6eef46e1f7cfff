import type { CallId, InviteId, LegId, MarkId, PageId, ParticipantId, UploadId, UserId } from './ids.ts'

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz'

type IdOf = {
  call: CallId
  leg: LegId
  inv: InviteId
  part: ParticipantId
  page: PageId
  mark: MarkId
  user: UserId
  up: UploadId
}

/** A fresh unguessable id: 20 characters of base 36, about 103 bits. Runs in Node and in browsers. */
export function newId<P extends keyof IdOf>(prefix: P): IdOf[P] {
  let text = ''
  while (text.length < 20) {
    for (const byte of crypto.getRandomValues(new Uint8Array(32))) {
      // 252 = 7 * 36: taking only smaller bytes keeps every character equally likely.
      if (byte < 252 && text.length < 20) text += ALPHABET[byte % 36]
    }
  }
  return `${prefix}_${text}` as unknown as IdOf[P]
}
