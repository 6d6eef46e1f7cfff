/** A transfer that the other side asked this phone for (REFER, RFC 3515). */
export type AskedTransfer = {
  /** The value of Refer-To. */
  readonly referTo: string
  /** Tells what has become of it (NOTIFY with a sipfrag); a final status ends the subscription. Resolves with the reply's status. */
  tell(status: number, reason: string): Promise<number>
}
