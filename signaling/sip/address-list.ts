import { BlockList, isIP, isIPv6 } from 'node:net'

/** A list of addresses and CIDR ranges, IPv4 and IPv6. Throws RangeError for an entry that is neither. */
export class AddressList {
  readonly #list = new BlockList()
  readonly isEmpty: boolean

  constructor(entries: readonly string[]) {
    this.isEmpty = entries.length === 0
    for (const entry of entries) this.#add(entry.trim())
  }

  has(address: string): boolean {
    const plain = address.replace(/^\[|\]$/g, '')
    return isIP(plain) !== 0 && this.#list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4')
  }

  #add(entry: string): void {
    const [address = '', bits] = entry.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    const length = bits === undefined ? (family === 'ipv6' ? 128 : 32) : /^\d{1,3}$/.test(bits) ? Number(bits) : -1
    if (isIP(address) === 0 || length < 0 || length > (family === 'ipv6' ? 128 : 32)) {
      throw new RangeError(`not an address or CIDR range: ${entry}`)
    }
    this.#list.addSubnet(address, length, family)
  }
}
